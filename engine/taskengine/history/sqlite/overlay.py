"""What is in memory over the file: runs that go on, and what the file does not have yet.

An entry is clean, or due at once, or due soon. Nothing is logged to be replayed: what is due is
written as it stands by then, so after a rollback or an outage it is simply written again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from taskengine.history.sqlite.entries import Entry, Facts
from taskengine.history.sqlite.stored_output import StoredOutput
from taskengine.output import OutputBuffer

SOON = 0.02
_EARLY = 0.002


class Overlay:
    """Used by any thread. `wake` is called with how many seconds may pass before what is due is
    taken; from any thread, in the middle of anything, so it must not wait for a lock that its own
    thread may hold.
    """

    def __init__(self, wake: Callable[[float], object]) -> None:
        self._wake = wake
        self._entries: dict[int, Entry] = {}
        self._urgent: dict[Entry, None] = {}
        self._soon: dict[Entry, float] = {}  # in the order in which they are due
        self._noisy: deque[tuple[Entry, float]] = deque()
        self._ended: dict[Entry, None] = {}
        self._ended_chars = 0
        # A __del__ that prints may interrupt whoever holds it, so `_hear` never asks for it.
        self._lock = threading.Lock()

    def get(self, run_id: int) -> Entry | None:
        """The entry of a run; one that was let go of is back as soon as the run writes again."""
        self._hear_out()
        return self._entries.get(run_id)

    def entries(self) -> list[Entry]:
        """All entries, in no order."""
        with self._lock:
            return list(self._entries.values())

    def add(self, entry: Entry) -> None:
        """Take a run in, due at once."""
        with self._lock:
            self._entries[entry.id] = entry
            self._urgent[entry] = None
        self.listen(entry)

    def listen(self, entry: Entry) -> None:
        """Let the entry be due soon when its run has written another line."""
        entry.output.on_line = partial(self._hear, entry)

    def _hear(self, entry: Entry, _: OutputBuffer) -> None:
        self._noisy.append((entry, time.monotonic() + SOON))
        self._wake(SOON)

    def _hear_late(self, facts: Facts, stored: StoredOutput, output: OutputBuffer) -> None:
        self._hear(Entry(facts, output, stored=stored, is_filed=True), output)

    def hurry(self, entry: Entry, *, wake: bool = False) -> None:
        """Let an entry be due at once; without `wake`, a transaction is about to come anyway."""
        with self._lock:
            self._urgent[entry] = None
        if wake:
            self._wake(0)

    def hurry_all(self) -> None:
        """Let every entry be due at once."""
        with self._lock:
            self._urgent.update(dict.fromkeys(self._entries.values()))

    def delay(self, entry: Entry) -> None:
        """Let an entry be due soon."""
        with self._lock:
            self._soon.setdefault(entry, time.monotonic() + SOON)
        self._wake(SOON)

    def take_due(self) -> list[Entry]:
        """The entries that are due, which are clean from now on."""
        self._hear_out()
        with self._lock:
            now = time.monotonic() + _EARLY
            for entry, due in self._soon.items():
                if due > now:
                    break
                self._urgent[entry] = None
            taken = list(self._urgent)
            for entry in taken:
                self._soon.pop(entry, None)
            self._urgent.clear()
            next_due = next(iter(self._soon.values()), None)
        if next_due is not None:
            self._wake(max(next_due - time.monotonic(), 0))
        return taken

    def _hear_out(self) -> None:
        """Late output brings an entry back that was let go of."""
        while self._noisy:
            try:
                entry, due = self._noisy.popleft()
            except IndexError:  # another thread was quicker
                return
            with self._lock:
                known = self._entries.setdefault(entry.id, entry)
                self._soon.setdefault(known, due)

    def give_back(self, taken: Iterable[Entry]) -> None:
        """Let entries be due again that were taken and could not be written."""
        with self._lock:
            for entry in taken:
                if self._entries.get(entry.id) is entry:
                    self._urgent[entry] = None

    def let_go(self, entry: Entry) -> None:
        """Be rid of an entry whose run has ended, if it is clean.

        Nothing but a late line brings it back: its output must not be held in memory by what
        listens to it.
        """
        with self._lock:
            if entry not in self._urgent and entry not in self._soon:
                self._remove(entry)
                entry.output.on_line = partial(self._hear_late, entry.facts, entry.stored)
                entry.output.show_partial = str

    def is_stored(self) -> bool:
        """Whether the file has every line that was written until now."""
        return not any(entry.unstored_lines() for entry in self.entries())

    def note_ended(self, entry: Entry) -> None:
        """Count an entry among those whose runs have ended and can't be written at present."""
        with self._lock:
            if self._entries.get(entry.id) is entry:
                self._ended[entry] = None
                self._ended_chars += entry.chars

    def forget_oldest(self, max_runs: int, max_chars: int) -> list[Entry]:
        """Let go of those that ended first, as many as are too much for memory."""
        forgotten: list[Entry] = []
        with self._lock:
            while len(self._ended) > max_runs or self._ended_chars > max_chars:
                entry = next(iter(self._ended))
                if len(self._ended) == 1:
                    break
                self._remove(entry)
                entry.output.on_line = None
                forgotten.append(entry)
        return forgotten

    def _remove(self, entry: Entry) -> None:
        entry.is_filed = True
        if self._entries.get(entry.id) is entry:
            del self._entries[entry.id]
        self._urgent.pop(entry, None)
        self._soon.pop(entry, None)
        if entry in self._ended:
            del self._ended[entry]
            self._ended_chars -= entry.chars
