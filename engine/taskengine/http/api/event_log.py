"""The log of an engine's events that all streams share, in which each of them has its place."""

import asyncio
import contextlib
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from taskengine.client.wire.messages import KINDS, LeftOut
from taskengine.engine import Engine
from taskengine.events import (
    CatalogChanged,
    DelayedRunEnded,
    Event,
    FireMissed,
    MissedFiresCleared,
    PresetsChanged,
    ProblemCleared,
    ProblemRaised,
    RunDelayed,
    RunEnded,
    RunEvent,
    SchedulePaused,
    ScheduleResumed,
)
from taskengine.http.api.lean import lean, lean_payload, size_of
from taskengine.http.api.trails import Trails
from taskengine.threads.settling import settle

MAX_EVENTS = 4_096
MAX_BYTES = 16_000_000
LINGER = 60.0
"""Seconds for which the log goes on after the last client has gone: clients come back."""

_PLAIN = 200  # about the bytes of an event without its run
_TASK = 2_000  # about the bytes of what is told of a task that has changed


@dataclass(slots=True)
class Entry:
    """An event in the log. `number` counts them from 1; `run` is the number of the run that it
    happened to, if it happened to one; `left_out` is what that lacks here.

    `told` is the event, and then, once anybody has been told of it, the JSON that they were told.
    """

    number: int
    name: str
    run: int | None
    told: Event | bytes
    left_out: LeftOut
    size: int


@dataclass(slots=True)
class _Contents:
    """What there is only while the log goes on. `touched` holds, by task, the number of the last
    event after which it stands otherwise; `payload_sizes` is of runs that go on.
    """

    mark: str
    entries: deque[Entry] = field(default_factory=deque)
    size: int = 0
    end: int = 0
    touched: dict[str, int] = field(default_factory=dict)
    payload_sizes: dict[int, int] = field(default_factory=dict)
    trails: Trails = field(default_factory=Trails)
    waiting: dict["asyncio.Future[None]", asyncio.AbstractEventLoop] = field(default_factory=dict)
    unsubscribe: Callable[[], None] = lambda: None

    @property
    def begin(self) -> int:
        """The number of the first event that can be read, or of the next one to come."""
        return self.end - len(self.entries) + 1

    def add(self, event: Event) -> None:
        """Append an event, without what is large."""
        self.end += 1
        number: int | None = None
        if isinstance(event, RunEvent):
            run, left_out, size = lean(event.run, self._payload_size(event))
            kept: Event = replace(event, run=run) if left_out else event
            number = run.id
        else:
            (kept, left_out), size = _lean(event), _size(event)
        self.entries.append(Entry(self.end, type(event).__name__, number, kept, left_out, size))
        self.size += size
        if isinstance(event, RunEnded):
            self.touched[event.run.task] = self.end
        elif isinstance(event, SchedulePaused | ScheduleResumed):
            self.touched[event.task] = self.end

    def _payload_size(self, event: RunEvent) -> int:
        """The size of a payload, which is the same as long as a run lives: counted once."""
        run, sizes = event.run, self.payload_sizes
        size = sizes.get(run.id)
        if size is None:
            size = sizes[run.id] = size_of(run.payload)
        if isinstance(event, RunEnded):
            del sizes[run.id]
        return size


class EventLog:
    """Holds the latest events while there is a client, and for a while after the last one.

    It is written to on the engine's threads and read on any loop. Nothing is encoded here, and no
    client is waited for.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        max_events: int = MAX_EVENTS,
        max_bytes: int = MAX_BYTES,
        linger: float = LINGER,
    ) -> None:
        self._engine = engine
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._linger = linger
        self._engine_mark = secrets.token_hex(4)
        self._generation = 0
        self._contents: _Contents | None = None
        self._clients = 0
        self._clients_so_far = 0
        self._lock = threading.RLock()

    @property
    def is_kept(self) -> bool:
        """Whether events are held at present."""
        return self._contents is not None

    @property
    def clients(self) -> int:
        """How many streams read it."""
        return self._clients

    @contextmanager
    def reading(self) -> Iterator["Reading"]:
        """Have the log kept, and read it, on the running loop."""
        with self._lock:
            self._clients += 1
            self._clients_so_far += 1
            contents = self._contents = self._contents or self._begin()
        try:
            yield Reading(contents, self._lock)
        finally:
            with self._lock:
                self._clients -= 1
                was_last, so_far = not self._clients, self._clients_so_far
            if was_last:
                loop = asyncio.get_running_loop()
                loop.call_later(self._linger, self._drop_after, so_far)

    def _begin(self) -> _Contents:
        self._generation += 1
        contents = _Contents(f"{self._engine_mark}-{self._generation}")
        contents.unsubscribe = self._engine.subscribe(lambda event: self._hear(contents, event))
        return contents

    def _drop_after(self, clients: int) -> None:
        """Hold nothing any more, unless another client has come after so many."""
        with self._lock:
            if clients != self._clients_so_far or self._contents is None:
                return
            contents, self._contents = self._contents, None
        contents.unsubscribe()

    def _hear(self, contents: _Contents, event: Event) -> None:
        if type(event).__name__ not in KINDS:
            return
        with self._lock:
            contents.add(event)
            while len(contents.entries) > self._max_events or contents.size > self._max_bytes:
                contents.size -= contents.entries.popleft().size
        self._wake(contents)

    def wake(self) -> None:
        """Let those look who wait for events, though none has come."""
        if contents := self._contents:
            self._wake(contents)

    def _wake(self, contents: _Contents) -> None:
        with self._lock:
            waiting, contents.waiting = contents.waiting, {}
        for future, loop in waiting.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(settle, future, None)


class Reading:
    """The log as one client reads it. A place in it is the number of the event before."""

    def __init__(self, contents: _Contents, lock: threading.RLock) -> None:
        self._contents = contents
        self._lock = lock

    @property
    def mark(self) -> str:
        """What sets this log apart from all others. What stands before the `-` is the engine's."""
        return self._contents.mark

    @property
    def trails(self) -> Trails:
        """Where its streams have been in the output of runs."""
        return self._contents.trails

    @property
    def end(self) -> int:
        """The place after the last event so far."""
        return self._contents.end

    def has(self, place: int) -> bool:
        """Whether all events after a place can be read."""
        with self._lock:
            return self._contents.begin <= place + 1 <= self._contents.end + 1

    def take(self, place: int, limit: int) -> list[Entry]:
        """The events after a place, up to `limit` of them; those that are gone are left out."""
        with self._lock:
            first = max(place + 1 - self._contents.begin, 0)
            return list(islice(self._contents.entries, first, first + limit))

    def is_touched(self, task: str, place: int) -> bool:
        """Whether a task stands otherwise than at a place, but for its runs that go on."""
        return self._contents.touched.get(task, 0) > place

    async def wait(self, place: int, seconds: float) -> None:
        """Return when there are events after a place, the time is up, or all are woken."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._contents.end > place:
                return
            self._contents.waiting[future] = loop
        try:
            await asyncio.wait({future}, timeout=seconds)
        finally:
            future.cancel()
            with self._lock:
                self._contents.waiting.pop(future, None)


def _lean(event: Event) -> tuple[Event, LeftOut]:
    """An event that is not of a run, without a large payload."""
    if isinstance(event, RunDelayed | DelayedRunEnded):
        delayed, left_out = lean_payload(event.delayed)
        return replace(event, delayed=delayed), left_out
    if isinstance(event, FireMissed | MissedFiresCleared):
        missed, left_out = lean_payload(event.missed)
        return replace(event, missed=missed), left_out
    return event, ()


def _size(event: Event) -> int:
    """About the bytes of what is told of an event that is not of a run."""
    if isinstance(event, CatalogChanged):
        return _PLAIN + _TASK * (len(event.added) + len(event.changed))
    if isinstance(event, RunDelayed | DelayedRunEnded):
        return _PLAIN + size_of(event.delayed.payload)
    if isinstance(event, FireMissed | MissedFiresCleared):
        return _PLAIN + size_of(event.missed.payload)
    if isinstance(event, ProblemRaised | ProblemCleared):
        return _PLAIN + len(event.problem.message) + len(event.problem.traceback)
    if isinstance(event, PresetsChanged):
        return _PLAIN + len(event.text or "")
    return _PLAIN
