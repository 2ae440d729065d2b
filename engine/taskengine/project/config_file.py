"""Which file holds a project's config, and its text as a table; what can't be read is a problem."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taskengine.problem import Problem, ProblemKind
from taskengine.project.toml_places import TomlPlaces

CONFIG_NAME = "taskconsole.toml"
PYPROJECT_NAME = "pyproject.toml"

_POSITION = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")
_HEADER = re.compile(r"\s*\[+([^\[\]]*)\]*")
_TABLE_HEADER = re.compile(r"^\s*\[+\s*tool\s*\.\s*taskconsole(?![\w-])", re.MULTILINE)
_VALUE_HINT = "text stands in quotes"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A config as it was read. `table` is None if there is a file that can't be read."""

    path: Path | None = None
    table: Mapping[str, object] | None = field(default_factory=dict)
    places: TomlPlaces = field(default_factory=lambda: TomlPlaces(""))
    problems: tuple[Problem, ...] = ()


def config_path(folder: Path) -> Path | None:
    """The file that configures the project in `folder`, if it is one; also one that can't be read,
    so that its reader says so.
    """
    own = folder / CONFIG_NAME
    if os.path.lexists(own):
        return own
    shared = folder / PYPROJECT_NAME
    return None if _text_with_table(shared) is None else shared


def read_config_file(folder: Path) -> ConfigFile:
    """The config of the project in `folder`; empty if there is none."""
    path = config_path(folder)
    if path is None:
        return ConfigFile()
    file = _read(path)
    shared = folder / PYPROJECT_NAME
    unused = None if path == shared else _text_with_table(shared)
    if unused is None:
        return file
    return ConfigFile(
        path=path,
        table=file.table,
        places=file.places,
        problems=(*file.problems, _unused_table(shared, unused)),
    )


def _read(path: Path) -> ConfigFile:
    try:
        if path.exists() and not path.is_file():  # to read a pipe would take for ever
            return _unreadable(path, "can't be read: it is no file")
        text = path.read_text("utf-8-sig")
        table: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return ConfigFile(path=path, table=None, problems=(_syntax_problem(path, text, error),))
    except RecursionError:
        return _unreadable(path, "not valid TOML: nested too deeply")
    except (OSError, UnicodeDecodeError) as error:
        return _unreadable(path, f"can't be read: {error}")
    below = ("tool", "taskconsole") if path.name == PYPROJECT_NAME else ()
    for key in below:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    places = TomlPlaces(text, below)
    if isinstance(table, dict):
        return ConfigFile(path=path, table=table, places=places)
    message = "`tool.taskconsole` must be a table"
    problem = Problem(kind=ProblemKind.CONFIG, message=message, path=path, line=places.line())
    return ConfigFile(path=path, places=places, problems=(problem,))


def _unreadable(path: Path, message: str) -> ConfigFile:
    problem = Problem(kind=ProblemKind.CONFIG, message=message, path=path)
    return ConfigFile(path=path, table=None, problems=(problem,))


def _text_with_table(path: Path) -> str | None:
    """The text of a pyproject.toml that has our table."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return text if _has_table(text) else None


def _has_table(text: str) -> bool:
    """Whether a pyproject.toml has our table, as far as one can tell if it doesn't parse."""
    if "taskconsole" not in text:
        return False
    try:
        tool = tomllib.loads(text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError):
        return _TABLE_HEADER.search(text) is not None
    return isinstance(tool, dict) and "taskconsole" in tool


def _unused_table(path: Path, text: str) -> Problem:
    return Problem(
        kind=ProblemKind.CONFIG,
        message=f"[tool.taskconsole] is not used, because there is a {CONFIG_NAME}",
        path=path,
        line=TomlPlaces(text).line("tool", "taskconsole"),
        hint="keep one of the two",
    )


def _syntax_problem(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    lines = text.split("\n")
    found = _POSITION.search(str(error))
    at_end = found is None or found[1] is None
    line = len(text.rstrip().split("\n")) if at_end else int(found[1]) if found else 1
    column = None if at_end else int(found[2]) if found else None
    reason = _POSITION.sub("", str(error))
    return Problem(
        kind=ProblemKind.CONFIG,
        message=f"not valid TOML: {reason[:1].lower()}{reason[1:]}",
        path=path,
        line=line,
        column=column,
        hint=_VALUE_HINT if column and reason == "Invalid value" else _key_hint(lines[line - 1]),
    )


def _key_hint(line: str) -> str:
    """How to write a key that has to stand in quotes, if that is what is wrong with the line."""
    header = _HEADER.match(line)
    if header:
        first, _, name = header[1].strip().partition(".")
        quoted = f'[{first}."{name}"]'
        return f"quote it: {quoted}" if _needs_quotes(name) else ""
    key, equals, value = line.partition("=")
    if equals and _needs_quotes(key.strip()):
        return f'quote it: "{key.strip()}" = {value.strip()}'
    return ""


def _needs_quotes(key: str) -> bool:
    has_quotes = '"' in key or "'" in key
    return bool(key) and not has_quotes and not all(map(_BARE_KEY.fullmatch, key.split(".")))
