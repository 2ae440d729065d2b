"""What taskconsole is made of: the interpreter, the libraries, SQLite, the system."""

import platform
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from taskconsole.cli.doctor.finding import Finding
from taskengine import __version__
from taskengine.history.sqlite.schema import OLDEST_SQLITE

_OLDEST_PYTHON = (3, 11)
_LIBRARIES = (
    "textual",
    "click",
    "msgspec",
    "croniter",
    "watchfiles",
    "starlette",
    "uvicorn",
    "httptools",
    "httpx",
)


def look(root: Path) -> Iterator[Finding]:  # noqa: ARG001 - every room is asked alike
    """The versions of all that matters."""
    yield Finding.ok("taskconsole", f"{__version__}, in {Path(__file__).parents[2]}")
    yield _python()
    yield from _libraries()
    yield _sqlite()
    yield _system()


def _python() -> Finding:
    text = f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        return Finding.fail("python", text, "install taskconsole with Python 3.11 or newer")
    return Finding.ok("python", text)


def _libraries() -> Iterator[Finding]:
    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if found:
        yield Finding.ok("libraries", ", ".join(found))
    if missing:
        advice = f"{sys.executable} -m pip install --upgrade taskconsole"
        yield Finding.fail("libraries", f"not installed: {', '.join(missing)}", advice)


def _sqlite() -> Finding:
    oldest = ".".join(map(str, OLDEST_SQLITE[:2]))
    text = f"SQLite {sqlite3.sqlite_version}"
    advice = f"use a Python whose SQLite is {oldest} or newer, with FTS5; until then runs are kept"
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        return Finding.fail("sqlite", f"{text} is too old", f"{advice} in memory only")
    with closing(sqlite3.connect(":memory:")) as connection:
        modules = connection.execute("SELECT name FROM pragma_module_list").fetchall()
    if ("fts5",) not in modules:
        return Finding.fail("sqlite", f"{text} was built without FTS5", f"{advice} in memory only")
    return Finding.ok("sqlite", f"{text}, with FTS5")


def _system() -> Finding:
    text = f"{platform.platform()}, {platform.machine()}"
    if sys.platform not in {"linux", "darwin"}:
        return Finding.fail("system", text, "taskconsole runs on Linux and macOS")
    return Finding.ok("system", text)
