"""What the writer's thread asks of those who have something to write."""

from sqlite3 import Connection
from typing import Protocol


class StoreUnavailable(Exception):
    """Nothing can be written at present; what was asked for was not done."""


class Unwritten(Protocol):
    """What is in memory and is to be written. Called on the writer's thread.

    The file may be another one than before: then `Writer.generation` has changed.
    """

    def write(self, connection: Connection) -> None:
        """Write what is due. Called first in every transaction, before anything else in it."""

    def written(self) -> None:
        """What was written last is committed."""

    def lost(self) -> None:
        """What was written last was rolled back and is still to be written."""
