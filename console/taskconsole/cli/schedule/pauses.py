"""The pauses that a project's history keeps, for the time when no engine is at work on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from taskconsole.cli.printing import narrate, print_json
from taskconsole.cli.refusing import unknown_task
from taskconsole.cli.task_names import names_in_engine
from taskengine.client.calls import Calls
from taskengine.clock import SystemClock
from taskengine.errors import TaskNotFound
from taskengine.history.sqlite.offline import held
from taskengine.history.sqlite.sqlite_state import drop_text, load_texts, save_text
from taskengine.records import StateKind


class KeptPauses:
    """The pauses that the next engine will find."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def has(self, task: str) -> bool:
        """Whether a task is paused."""
        return (StateKind.PAUSE, task) in load_texts(self._connection)

    def put(self, task: str, reason: str) -> None:
        """Pause a task's schedules."""
        save_text(self._connection, StateKind.PAUSE, task, reason, SystemClock().now())

    def drop(self, task: str) -> None:
        """Let a task's schedules fire again."""
        drop_text(self._connection, StateKind.PAUSE, task)


@contextmanager
def kept_pauses(root: Path) -> Iterator[KeptPauses]:
    """The pauses of a project, while no engine holds it that would not hear of a change.

    Raises EngineAlreadyRunning, HistoryTooNew, HistoryUnreachable.
    """
    with held(root, SystemClock(), exclusive=False) as database:
        yield KeptPauses(database.connection)


@contextmanager
def known_task(calls: Calls, name: str) -> Iterator[None]:
    """Where the engine knows no such task, the refusal says which one may have been meant."""
    try:
        yield
    except TaskNotFound:
        raise unknown_task(name, names_in_engine(calls)) from None


def tell(task: str, reason: str, *, is_paused: bool, as_json: bool) -> None:
    """Say how a task's schedules stand now."""
    if as_json:
        print_json({"task": task, "paused": is_paused, "pause_reason": reason})
    elif is_paused:
        narrate(f"The schedules of `{task}` are paused{f': {reason}' if reason else ''}.")
    else:
        narrate(f"The schedules of `{task}` fire again.")
