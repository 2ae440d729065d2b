"""The one thread that writes: what comes in together is committed together."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection
from typing import Protocol, TypeVar

from taskengine.history.history import Report
from taskengine.history.retention import Durability

T = TypeVar("T")


class StoreUnavailable(Exception):
    """Nothing can be written at present; what was asked for was not done."""


class Unwritten(Protocol):
    """What is in memory and is to be written. Called on the writer's thread."""

    def write(self, connection: Connection) -> None:
        """Write what is due. Called first in every transaction, before anything else in it."""

    def written(self) -> None:
        """What was written last is committed."""

    def lost(self) -> None:
        """What was written last was rolled back and is still to be written."""


class Writer:
    """Owns the connection that writes.

    While the file can't be written (disk full, read-only, locked, deleted, not ours to open) every
    `do` raises StoreUnavailable at once, and the writer tries again and again to open it; then
    `unwritten` is asked for everything it holds. A damaged file is set aside and begun anew.
    `report` is told, on the loop that called `open`, what is wrong.
    """

    def __init__(self, path: Path, unwritten: Unwritten) -> None:
        raise NotImplementedError

    async def open(self, report: Report) -> None:
        """Start the thread and open the file. Raises HistoryTooNew; what else is wrong with the
        file is reported, and leaves the writer unavailable.
        """

    async def close(self) -> None:
        """Write what is unwritten, if that is possible, and end the thread."""

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction with others, and give its answer when that is committed.

        Awaitable on any loop. What `work` raises is raised here and undoes only its own writes.
        `work` may be called a second time after a rollback.
        """
        raise NotImplementedError

    def post(self, work: Callable[[Connection], object]) -> None:
        """Do something in a transaction, and let nobody wait for it. From any thread."""

    def wake(self, within: float) -> None:
        """Let `unwritten` be written within so many seconds. Cheap; from any thread."""

    def add_chore(self, chore: Callable[[Connection], bool]) -> None:
        """Call this in a transaction of its own whenever there is nothing else to do, a small piece
        of work at a time, for as long as it says True; then again after further writes.
        """

    def set_durability(self, durability: Durability) -> None:
        """How safe a commit is, from the next one on."""

    @property
    def is_available(self) -> bool:
        """Whether the file could be written when it was last tried."""
        raise NotImplementedError

    @property
    def generation(self) -> int:
        """Counts how often another file was opened than before, so that readers do so too."""
        raise NotImplementedError
