"""The history of a project for programs that run no engine: to look at it, or to tend it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from taskengine.clock import Clock
from taskengine.history.folder import HistoryFolder
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.project_lock import ProjectLock
from taskengine.history.sqlite import engines
from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.trouble import (
    ForeignFile,
    UnsupportedSqlite,
    problem_of,
    trouble_with_file,
)

BUSY = 5.0  # seconds to wait for an engine that writes


class HistoryUnreachable(Exception):
    """The history can't be opened, read or written; `str()` says why, for people."""


def history_file(root: Path) -> Path | None:
    """The file of a project's history, if there is one. Raises HistoryUnreachable."""
    try:
        path = HistoryFolder.of(root).database
    except OSError as error:
        raise HistoryUnreachable(str(error)) from error
    return path if path.exists() else None


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """The file of a history, beside an engine that may be at work on it.

    What goes wrong with the file, also in the block, is raised as HistoryUnreachable. Raises
    HistoryTooNew.
    """
    try:
        database = Database(path, BUSY)
        try:
            yield database
        finally:
            database.close()
    except (ForeignFile, UnsupportedSqlite, sqlite3.Error) as error:
        problem = problem_of(trouble_with_file(error, path), error, path)
        raise HistoryUnreachable(f"{path}: {problem.message}") from error


@contextmanager
def held(root: Path, clock: Clock, *, exclusive: bool) -> Iterator[Database]:
    """The history of a project, made if need be, while no engine works on it. Unless `exclusive`,
    engines may that share it with others.

    Raises EngineAlreadyRunning, HistoryTooNew, HistoryUnreachable.
    """
    try:
        folder = HistoryFolder.prepare(root)
        lock = ProjectLock(root, folder.path, exclusive=exclusive)
        lock.take(clock.now())
    except OSError as error:
        raise HistoryUnreachable(str(error)) from error
    try:
        with opened(folder.database) as database:
            yield database
    finally:
        lock.release()


@contextmanager
def held_alone(root: Path, clock: Clock) -> Iterator[tuple[Connection, int]]:
    """The history of a project, made if need be, while no engine works on it; with the number under
    which this process is known in it as if it were one.

    Raises EngineAlreadyRunning, HistoryTooNew, HistoryUnreachable.
    """
    with held(root, clock, exclusive=True) as database:
        connection = database.connection
        engine = engines.register(connection, ProcessIdentity.own(), clock.now())
        try:
            yield connection, engine
        finally:
            engines.stop(connection, engine, clock.now())
        database.shorten_log(waits=True)
