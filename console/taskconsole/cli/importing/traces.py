"""Which file's import hangs or crashes, told by what Python's faulthandler writes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import taskengine

_BEGINNING = re.compile(r"^(?=Timeout \(|Fatal Python error)", re.MULTILINE)
_FRAME = re.compile(
    r'^  File "(?P<path>.*)", line (?P<line>\d+) in (?P<function>.*)$', re.MULTILINE
)
_IMPORTING = re.compile(r'importer\.py", line \d+ in main$', re.MULTILINE)
_MODULE = "<module>"
_PYTHON = ".py"
_OUTSIDE = frozenset({"site-packages", "dist-packages"})
_MACHINERY = ("<", str(Path(taskengine.__file__).parent), str(Path(__file__).parent))
_TITLE = "Where it was (most recent call first):"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file whose import goes on, and the traceback that says so."""

    path: Path
    line: int
    trace: str = ""


def place_of(text: str, root: Path, asked_for: Path) -> Place | None:
    """The project's file whose import began last by the latest of some tracebacks; where none of
    the project's is imported, the file by which it all began. `asked_for` is the file that was to
    be imported, or a config that names a module. None if it can't be told.
    """
    for trace in reversed(_BEGINNING.split(text)):
        for thread in trace.split("\n\n"):
            if _IMPORTING.search(thread):
                return _place_in(thread, root, asked_for)
    return None


def _place_in(thread: str, root: Path, asked_for: Path) -> Place | None:
    """The frames are told with the latest call first."""
    frames = [one for one in _FRAME.finditer(thread) if not one["path"].startswith(_MACHINERY)]
    trace = "\n".join([_TITLE, *(one.group() for one in frames)])
    modules = [
        Place(path, int(one["line"]), trace)
        for one in frames
        if one["function"] == _MODULE and (path := _path(one["path"])).is_file()
    ]
    if asked_for.suffix == _PYTHON and all(one.path != asked_for for one in modules):
        return None  # it was noted while another file was imported
    return next((one for one in modules if _is_own(one.path, root)), _last(modules))


def _path(text: str) -> Path:
    """A file's name, of which all is escaped that is not ASCII."""
    try:
        return Path(text.encode("ascii").decode("unicode_escape"))
    except UnicodeError:
        return Path(text)


def _is_own(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) and _OUTSIDE.isdisjoint(path.relative_to(root).parts)


def _last(places: Sequence[Place]) -> Place | None:
    return places[-1] if places else None
