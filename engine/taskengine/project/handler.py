"""A handler as the config names it: a file of the project or a module, and what to take of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """Where a task's code is. Of `path` and `module` one is given.

    `attribute` is dotted; empty means the one task that the file or module has.
    """

    path: Path | None = None
    module: str = ""
    attribute: str = ""


def parse_handler(text: str, root: Path) -> Handler:
    """Read "./jobs/migrate.py", "./jobs/migrate.py:run", "package.module:run" or "package.module".

    Raises ValueError, with a message for people, if it is none of these.
    """
    place, _, attribute = text.partition(":")
    if not place or text.endswith(":"):
        raise ValueError(f'{text!r} is neither "./path/to/file.py" nor "package.module:function"')
    if "/" not in place and not place.endswith(".py"):
        if not all(part.isidentifier() for part in place.split(".")):
            raise ValueError(f"{place!r} is not the name of a module")
        return Handler(module=place, attribute=attribute)
    path = (root / place).resolve()
    if not path.is_relative_to(root):
        raise ValueError(f"{place!r} is outside the project")
    if not path.is_file():
        raise ValueError(f"there is no file {place!r} in the project")
    return Handler(path=path, attribute=attribute)
