"""Keeps what is known of an engine elsewhere in step with it, and tells what happens there."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from taskengine.client.coming_fires import ComingFires
from taskengine.client.remote.answers import size_of
from taskengine.client.remote.background import Spawn
from taskengine.client.remote.differences import differences, lost_runs
from taskengine.client.remote.distant_clock import DistantClock
from taskengine.client.remote.event_parser import Message
from taskengine.client.remote.found_runs import FoundRuns
from taskengine.client.remote.link import Link
from taskengine.client.remote.lost_runs import LostRuns
from taskengine.client.remote.mirror import Mirror
from taskengine.client.remote.place import Place
from taskengine.client.remote.state_reader import read_state
from taskengine.client.views import EngineStatus
from taskengine.client.wire.form import from_json
from taskengine.client.wire.messages import STATE, State, Telling
from taskengine.clock import Clock
from taskengine.events import EngineState, EngineStateChanged, Event, RunEnded
from taskengine.run import Run


class Watch:
    """`mirror` is None until the first state has come. `tell` is given what happens, `forget` is
    called when the engine is another one than before, of which less may be kept.
    """

    def __init__(
        self,
        place: Place,
        clock: Clock,
        tell: Callable[[Event], None],
        forget: Callable[[], None],
        spawn: Spawn,
    ) -> None:
        self._place = place
        self._clock = DistantClock(clock)
        self._tell = tell
        self._forget = forget
        self._lost_runs = LostRuns(place, self.now, self._tell_end, spawn)
        self._engine_mark = ""
        self._unreachable = ""
        self._changed = asyncio.Event()
        self._status: EngineStatus | None = None
        self._link: Link | None = None
        self.is_stopped = False
        self.mirror: Mirror | None = None
        self.found = FoundRuns()
        self.fires = ComingFires(self.now)

    async def start(self) -> None:
        """Return when the engine's state is known. Raises EngineUnreachable."""
        self._link = Link(self._connect, self._receive, self._lose)
        await self._link.start()

    async def stop(self) -> None:
        """Follow the engine no more."""
        self.is_stopped = True
        if self._link:
            await self._link.stop()
        self._wake()

    def now(self) -> datetime:
        """The engine's present instant."""
        return self._clock.now()

    @property
    def is_reached(self) -> bool:
        """Whether there is a stream of what happens, as far as is known."""
        return self.mirror is not None and not self._unreachable

    def status(self) -> EngineStatus | None:
        """The engine at a glance; None before its first state."""
        if self._status is None and self.mirror:
            status = replace(self.mirror.status, address=str(self._place.address))
            if self._unreachable:
                reason = self._unreachable
                status = replace(status, state=EngineState.UNREACHABLE, reason=reason)
            self._status = status
        return self._status

    async def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Return when a condition on what is known holds, or the time is up; gives back whether it
        holds.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            rest = deadline - asyncio.get_running_loop().time()
            if rest <= 0:
                return False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._changed.wait()
        return True

    async def _connect(self) -> Any:
        connection = await self._place.connect()
        self._clock.note_asked()
        return connection

    async def _receive(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.name == STATE:
                await self._take_state(message)
            elif self.mirror:
                await self._take_telling(self.mirror, message)
        if self._unreachable and self.mirror:  # the stream went on where it was cut
            self._unreachable = ""
            self._tell_state(self.mirror.status)
        self._wake()

    def _wake(self) -> None:
        self._status = None
        self._changed.set()
        self._changed = asyncio.Event()

    # What comes with the stream

    async def _take_telling(self, mirror: Mirror, message: Message) -> None:
        telling = from_json(message.data, Telling)
        event = telling.unpack(message.name)
        if event is None:
            return
        await self.fires.prepare(telling.tasks)
        mirror.apply(event, telling)
        if telling.tasks or getattr(event, "removed", ()):
            self.fires.take(mirror.tasks.values())
        if isinstance(event, RunEnded):
            self._lost_runs.drop(event.run.id)
            self._note_end(event.run, telling, len(message.data))
        self._status = None
        self._tell(event)

    def _note_end(self, run: Run, telling: Telling, size: int) -> None:
        known = self.found.get(run.id)
        is_whole = known is not None and known.state.is_final
        if not (telling.left_out and is_whole):
            self.found.add(run, size, is_whole=not telling.left_out)

    async def _take_state(self, message: Message) -> None:
        come_at = self._clock.here()
        state = await read_state(message.data)
        self._clock.set(state.now, come_at)
        await self.fires.prepare(state.tasks)
        new, old = Mirror(state), self.mirror
        self._note_engine(message.id, state)
        was_unreachable, self._unreachable = self._unreachable, ""
        self.mirror = new
        self.fires.take(new.tasks.values())
        self._status = None
        if old is None or was_unreachable or _stands(old.status) != _stands(new.status):
            self._tell_state(new.status)
        if old:
            self._catch_up(old, new)

    def _note_engine(self, message_id: str, state: State) -> None:
        mark = message_id.partition(".")[0].partition("-")[0]
        if self._engine_mark not in {"", mark}:
            if state.status.history is None:  # its numbers of runs begin anew
                self.found.clear()
                self._lost_runs.clear()
            self._forget()
        self._engine_mark = mark

    def _catch_up(self, old: Mirror, new: Mirror) -> None:
        """Tell of what has happened unseen."""
        for event in differences(old, new, self.now()):
            if isinstance(event, RunEnded):
                self.found.add(event.run, size_of(event.run))
            self._tell(event)
        self._lost_runs.add(lost_runs(old, new))

    def _tell_end(self, run: Run) -> None:
        """Tell of the end of a run that nobody has seen."""
        self.found.add(run, size_of(run))
        self._tell(RunEnded(at=self.now(), run=run))
        self._wake()

    # How the engine is

    def _lose(self, reason: str) -> None:
        reason = f"{reason}; trying again"
        if self.mirror and reason != self._unreachable:
            self._unreachable = reason
            state = EngineState.UNREACHABLE
            self._tell(EngineStateChanged(at=self.now(), state=state, reason=reason))
            self._wake()

    def _tell_state(self, status: EngineStatus) -> None:
        state, reason = status.state, status.reason
        self._tell(EngineStateChanged(at=self.now(), state=state, reason=reason))


def _stands(status: EngineStatus) -> tuple[EngineState, str]:
    return status.state, status.reason
