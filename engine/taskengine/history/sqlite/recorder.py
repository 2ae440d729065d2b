"""Brings what is in memory into the file, in whatever transaction the writer has just begun."""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from sqlite3 import Connection

from taskengine.history.retention import HistorySettings
from taskengine.history.sqlite import chunks, rows, task_stats
from taskengine.history.sqlite.entries import Entry, Facts, Phase
from taskengine.history.sqlite.indexing import index_ended
from taskengine.history.sqlite.overlay import Overlay
from taskengine.history.sqlite.rows import Saved
from taskengine.history.sqlite.stored_output import NOTHING_STORED, StoredOutput, store
from taskengine.history.sqlite.trouble import trouble_of

# So many lines of one run go into one transaction; others wait for its commit.
MOST_LINES = 50_000
_MANY_LINES = 5_000
_NO_END = sys.maxsize
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Record:
    """What was written of an entry, and is so for good when it is committed."""

    entry: Entry
    facts: Facts
    stored: StoredOutput
    saved: Saved | None = None


class Recorder:
    """Belongs to the writer's thread. `engine` gives the number that this engine has in the file;
    `max_output` is how many bytes of one run's output are kept.
    """

    def __init__(self, overlay: Overlay, engine: Callable[[], int]) -> None:
        self.max_output = HistorySettings().max_output
        self._overlay = overlay
        self._engine = engine
        self._taken: list[Entry] = []
        self._records: list[_Record] = []

    def write(self, connection: Connection) -> None:
        """Write what is due."""
        self._records = []
        self._taken = self._overlay.take_due()
        for entry in self._taken:
            self._write_one(connection, entry)
        self._count_ended(connection)

    def written(self) -> None:
        """What was written last is committed: what is complete needs no memory any more."""
        for record in self._records:
            entry = record.entry
            entry.stored = record.stored
            if record.saved:
                entry.payload_size = record.saved.payload_size
                entry.is_filed = record.facts.phase is not Phase.GOES_ON
            unstored = entry.unstored_lines()
            if unstored > _MANY_LINES:
                self._overlay.hurry(entry, wake=True)
            elif unstored:
                self._overlay.delay(entry)
            elif entry.is_filed:
                self._overlay.let_go(entry)
        self._taken, self._records = [], []

    def lost(self) -> None:
        """What was written last was rolled back and is still to be written."""
        self._overlay.give_back(self._taken)
        self._taken, self._records = [], []

    def write_all(self) -> None:
        """Let everything be written: the file was begun anew."""
        for entry in self._overlay.entries():
            entry.payload_size, entry.stored = None, NOTHING_STORED
        self._overlay.hurry_all()

    def _write_one(self, connection: Connection, entry: Entry) -> None:
        """A run that the file won't take must not keep it from taking the others."""
        self._overlay.listen(entry)
        try:
            if entry.is_filed:
                self._write_late(connection, entry)
            else:
                self._write_run(connection, entry)
        except Exception as error:
            if trouble_of(error):
                raise
            _log.exception("Run #%s can't be kept", entry.id)

    def _write_run(self, connection: Connection, entry: Entry) -> None:
        facts = entry.facts
        if entry.payload_size is None and entry.was_left:
            chunks.drop(connection, entry.id, 0, _NO_END)
        stored = self._store(connection, entry)
        standing = facts.standing(self._engine())
        saved = rows.save_run(connection, facts.row, standing, stored, entry.payload_size)
        self._records.append(_Record(entry, facts, stored, saved))

    def _write_late(self, connection: Connection, entry: Entry) -> None:
        """Keep what was written after the end, unless the run is not kept any more."""
        stored = self._store(connection, entry)
        if rows.save_late_output(connection, entry.id, entry.stored, stored):
            added = stored.size - entry.stored.size
            task_stats.adjust_kept(connection, entry.facts.run.task, 0, added)
        else:
            chunks.drop(connection, entry.id, 0, _NO_END)
        self._records.append(_Record(entry, entry.facts, stored))

    def _store(self, connection: Connection, entry: Entry) -> StoredOutput:
        if entry.output.total == 0:  # as most runs have none
            return entry.stored
        return store(
            connection,
            entry.id,
            entry.stored,
            entry.output,
            most_lines=MOST_LINES,
            max_size=self.max_output,
        )

    def _count_ended(self, connection: Connection) -> None:
        ended = [
            (record.facts.run, record.saved.size)
            for record in self._records
            if record.facts.phase is Phase.ENDED and record.saved
        ]
        if ended:
            task_stats.count_ended(connection, ended)
            index_ended(connection, [run for run, _ in ended])
