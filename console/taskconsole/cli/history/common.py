"""What the commands of `taskconsole history` share."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, Error
from typing import NoReturn, TypeVar

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.exits import NOT_FOUND
from taskconsole.cli.refusing import refuse

T = TypeVar("T")
of_tasks = click.option(
    "--task",
    "tasks",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_tasks,
    help="Only runs of this task; may be repeated.",
)
"""The option to choose runs by their tasks."""

_LONGEST = 86_400.0  # seconds; a large history takes its time


def check_tasks(ctx: click.Context, connection: Connection, tasks: Sequence[str]) -> None:
    """End the command if no run is kept of one of these tasks."""
    for task in tasks:
        if not _is_kept(connection, task):
            refuse(ctx, f"no runs of `{task}` are kept", NOT_FOUND)


def _is_kept(connection: Connection, task: str) -> bool:
    query = "SELECT 1 FROM runs WHERE task = ? LIMIT 1"
    try:
        return connection.execute(query, (task,)).fetchone() is not None
    except UnicodeEncodeError:  # bytes that are no text, which no task is called
        return False


def asked(path: Path, query: Callable[[Connection], T]) -> T:
    """What a history's file answers; one that can't be written is read as it is.

    Raises HistoryTooNew, HistoryUnreachable.
    """
    from taskengine.history.sqlite.files import is_writable
    from taskengine.history.sqlite.offline import opened
    from taskengine.history.sqlite.reader import Reader

    if is_writable(path):
        with opened(path) as database:
            return query(database.connection)

    def answer(connection: Connection) -> list[T]:
        connection.execute("COMMIT")  # what is asked here begins transactions of its own
        found = query(connection)
        connection.execute("BEGIN")
        return [found]

    with closing(Reader(path, lambda: 0, _refuse, longest=_LONGEST)) as reader:
        try:
            answers = reader.read(answer, list[T]())
        except Error as error:
            _refuse(error)
    if not answers:
        _refuse(FileNotFoundError(path))
    return answers[0]


def _refuse(error: Exception) -> NoReturn:
    from taskengine.history.sqlite.offline import HistoryUnreachable

    raise HistoryUnreachable(f"The history can't be read: {error}") from error
