"""All that a project's history has in memory over its file, as one for the writer."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Protocol

from taskengine.clock import Clock
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.sqlite import engines
from taskengine.history.sqlite.unwritten import Unwritten


class Part(Unwritten, Protocol):
    """Some of it."""

    def write_all(self) -> None:
        """Let everything be written: the file was begun anew."""


class Contents:
    """Belongs to the writer's thread. `engine` is this engine's number in the file, where every
    part can refer to it: it is there before anything else is written. `parts` are set once.
    """

    def __init__(self, clock: Clock) -> None:
        self.engine = 0
        self.parts: Sequence[Part] = ()
        self._clock = clock
        self._process = ProcessIdentity.own()
        self._since: datetime | None = None
        self._connection: Connection | None = None

    def write(self, connection: Connection) -> None:
        """Write what is due, or all there is into a file that does not know this engine."""
        if connection is not self._connection:
            self._connection = connection
            since = self._since = self._since or self._clock.now()
            if not engines.is_registered(connection, self.engine, self._process, since):
                self.engine = engines.register(connection, self._process, since)
                for part in self.parts:
                    part.write_all()
        for part in self.parts:
            part.write(connection)

    def written(self) -> None:
        """What was written last is committed."""
        for part in self.parts:
            part.written()

    def lost(self) -> None:
        """What was written last was rolled back, and perhaps this engine's number with it."""
        self._connection = None
        for part in self.parts:
            part.lost()
