"""The small things of a project, in its file, and all of them in memory, too."""

from collections.abc import Mapping
from datetime import datetime
from sqlite3 import Connection
from typing import TypeAlias

from taskengine.clock import Clock
from taskengine.history.sqlite.encodable import encodable
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.sqlite.kept_values import KeptValues
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.writer import Writer
from taskengine.records import StateKind

_Key: TypeAlias = tuple[StateKind, str]
_Texts: TypeAlias = dict[_Key, str]

_KINDS = frozenset(StateKind)
_SAVE = """
INSERT INTO state(kind, name, text, changed_at) VALUES(?, ?, ?, ?)
ON CONFLICT(kind, name) DO UPDATE SET text=excluded.text, changed_at=excluded.changed_at"""
_DROP = "DELETE FROM state WHERE kind=? AND name=?"


class SqliteState:
    """Texts by kind and name. What can't be written now is written when it can be: `write`,
    `written` and `lost` are what the writer asks of all that is unwritten.
    """

    def __init__(self, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._texts: KeptValues[_Key, str] = KeptValues()

    async def open(self) -> None:
        """Read what is kept. Called once, before all else, when the writer is open."""
        nothing: _Texts = {}
        for key, text in (await self._reader.ask(load_texts, nothing)).items():
            self._texts.put_saved(key, text)

    def all(self, kind: StateKind) -> Mapping[str, str]:
        """Everything of one kind, by name."""
        return {name: text for (one, name), text in self._texts.values().items() if one is kind}

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: keep none."""
        if text is None:
            self._texts.drop((kind, name))
        else:
            self._texts.put((kind, name), text)
        await self._writer.flush()

    def write(self, connection: Connection) -> None:
        """Write what is unwritten."""
        if self._texts.is_saved:
            return
        taken = self._texts.take()
        for (kind, name), text in taken.values.items():
            save_text(connection, kind, name, text, self._clock.now())
        for kind, name in taken.dropped:
            drop_text(connection, kind, name)

    def written(self) -> None:
        """What was written last is committed."""
        self._texts.saved()

    def lost(self) -> None:
        """What was written last was rolled back."""
        self._texts.lost()

    def write_all(self) -> None:
        """Let everything be written: the file was begun anew."""
        self._texts.put_all_again()


def save_text(connection: Connection, kind: StateKind, name: str, text: str, now: datetime) -> None:
    """Write a text in place of the one before."""
    connection.execute(_SAVE, (kind, encodable(name), encodable(text), to_micros(now)))


def drop_text(connection: Connection, kind: StateKind, name: str) -> None:
    """Write that there is no such text."""
    connection.execute(_DROP, (kind, encodable(name)))


def load_texts(connection: Connection) -> dict[tuple[StateKind, str], str]:
    """Read all texts, by kind and name."""
    rows = connection.execute("SELECT kind, name, text FROM state")
    return {(StateKind(kind), name): text for kind, name, text in rows if kind in _KINDS}
