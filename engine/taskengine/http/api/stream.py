"""One client's stream: a place in the log of events, and places in the output of runs.

No message is held for a client. It is told what comes next when it has taken what came before; if
that is gone by then, it is told the whole state instead.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from taskengine.client.wire.messages import LINES, STATE
from taskengine.errors import RunNotFound
from taskengine.http.api.context import ApiContext
from taskengine.http.api.event_log import Entry, Reading
from taskengine.http.api.finding import known_run
from taskengine.http.api.follow import Following, ToldLines
from taskengine.http.api.place import Place, id_of
from taskengine.http.api.tellings import takes_long, text_of

PING = b": ping\n\n"
PING_SECONDS = 3.0
PACE = 0.02
"""Seconds from one round to the next at the least: what happens in between goes out together."""
TICK = 0.04
"""Seconds between two looks at output that is followed."""

_BATCH = 500
_CHUNK = 262_144
_ENDED = "RunEnded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a client wants to hear. `run`: only events of that run, and no state; the stream ends
    with it. `outputs`: lines of these runs too, with `all_outputs` of every run. `resumes` is the
    place after which it wants to go on.
    """

    run: int | None = None
    outputs: frozenset[int] = frozenset()
    all_outputs: bool = False
    resumes: Place | None = None


async def messages(api: ApiContext, wanted: Wanted) -> AsyncGenerator[bytes, None]:
    """The messages of a stream, as bytes; empty ones mean nothing. It ends if there is nothing left
    that could be told, or the server goes away and all that has come is told. Raises
    EngineNotRunning and RunNotFound, before the first of them.
    """
    with api.log.reading() as log:
        stream = _Stream(api, log, wanted)
        async for chunk in stream.begin():
            yield chunk
        while not (stream.is_over or (api.closing.has_begun and stream.is_at_rest)):
            async for chunk in stream.go_on():
                yield chunk


class _Stream:
    """Where one client is. `place` is the number of the last event that it was told, or spared."""

    def __init__(self, api: ApiContext, log: Reading, wanted: Wanted) -> None:
        self._api = api
        self._log = log
        self._run = wanted.run
        self._resumes = wanted.resumes
        self._place = log.end
        self._is_run_over = False
        self._time = asyncio.get_running_loop().time
        self._told_at = self._time()
        self._following = self._new_following(wanted)

    def _new_following(self, wanted: Wanted) -> Following:
        places = self._places_of(wanted.resumes) if wanted.resumes else {}
        if places is None:
            self._resumes, places = None, {}
        return Following(
            self._api.engine, self._log.trails, wanted.outputs, wanted.all_outputs, places
        )

    def _places_of(self, resumes: Place) -> Mapping[int, int] | None:
        """Where the lines of runs go on: where they were, unless it is another run since, because
        nothing was kept of the one that an earlier engine gave the same number. None if they were
        too many to be said, and are not known any more.
        """
        if resumes.step:
            is_here = resumes.mark == self._log.mark
            return self._log.trails.places_at(*resumes.step) if is_here else None
        is_same = resumes.is_of_engine(self._log.mark) or self._api.engine.history.path
        return resumes.lines if is_same else {}

    @property
    def is_over(self) -> bool:
        """Whether nothing more can come: the one run that it is about is over, and all is told."""
        return self._is_run_over and not self._following.is_at_work

    @property
    def is_at_rest(self) -> bool:
        """Whether all is told that has come so far."""
        return self._place == self._log.end and not self._following.is_behind

    async def begin(self) -> AsyncIterator[bytes]:
        """Tell what comes first."""
        resumes, log = self._resumes, self._log
        can_resume = resumes is not None and resumes.mark == log.mark and log.has(resumes.number)
        if resumes and can_resume:
            self._place = resumes.number
        if self._run is not None:
            async for chunk in self._begin_with_run(self._run):
                yield chunk
        elif not can_resume:
            yield await self._state()
        if not self.is_over:
            yield b""

    async def _begin_with_run(self, run_id: int) -> AsyncIterator[bytes]:
        run = await asyncio.to_thread(known_run, self._api.engine, run_id)
        if run.state.is_final:
            async for chunk in self._tell_all():
                yield chunk
            self._is_run_over = True

    async def _tell_all(self) -> AsyncIterator[bytes]:
        """Tell all that is there, without waiting for more."""
        end = self._log.end
        while self._place < end and (entries := self._log.take(self._place, _BATCH)):
            async for chunk in self._tell(entries):
                yield chunk
        while self._following.is_at_work:
            told = await asyncio.to_thread(self._following.pull)
            for lines in told:
                yield self._lines(lines)

    async def go_on(self) -> AsyncIterator[bytes]:
        """Tell what has come since, or that nothing has, and wait for more."""
        began = self._time()
        is_told = False
        async for chunk in self._next():
            is_told = True
            self._told_at = self._time()
            yield chunk
        if not is_told and began - self._told_at >= PING_SECONDS:
            self._told_at = began
            yield PING
        if not self.is_over:
            await self._wait(began if is_told else began - PACE)

    async def _next(self) -> AsyncIterator[bytes]:
        if not self._log.has(self._place):
            async for chunk in self._catch_up():
                yield chunk
        async for chunk in self._tell(self._log.take(self._place, _BATCH)):
            yield chunk
        if self._following.is_at_work:
            for lines in await asyncio.to_thread(self._following.pull):
                yield self._lines(lines)

    async def _catch_up(self) -> AsyncIterator[bytes]:
        """Tell how things stand, after events that are gone. A run's end may be among them."""
        if self._run is None:
            yield await self._state()
            return
        try:
            async for chunk in self._begin_with_run(self._run):
                yield chunk
        except RunNotFound:
            self._is_run_over = True

    async def _wait(self, began: float) -> None:
        """Wait until it is time for more, and there is more."""
        await asyncio.sleep(max(began + PACE - self._time(), 0.0))
        if self._following.is_behind or self._api.closing.has_begun:
            return
        until_ping = self._told_at + PING_SECONDS - self._time()
        most = TICK if self._following.is_at_work else until_ping
        await self._log.wait(self._place, max(min(most, until_ping), 0.0))

    async def _state(self) -> bytes:
        state = await self._api.states.take(self._log)
        self._place = state.place
        self._following.note_active(state.active)
        return self._message(STATE, state.text)

    async def _tell(self, entries: Sequence[Entry]) -> AsyncIterator[bytes]:
        """Tell of events, and of all lines of a run before its end."""
        pile = bytearray()
        for entry in entries:
            if self._run in {None, entry.run}:
                if entry.name == _ENDED and entry.run is not None:
                    if pile:
                        yield bytes(pile)
                        pile.clear()
                    async for chunk in self._tell_output_of(entry.run):
                        yield chunk
                elif entry.run is not None:
                    self._following.note(entry.run)
                text = await self._text_of(entry)
                self._place = entry.number
                pile += self._message(entry.name, text)
            self._place = entry.number
            if len(pile) > _CHUNK:
                yield bytes(pile)
                pile.clear()
        if pile:
            yield bytes(pile)

    async def _tell_output_of(self, run: int) -> AsyncIterator[bytes]:
        following = self._following
        following.note(run)
        while following.is_left_of(run) and (
            told := await asyncio.to_thread(following.pull_one, run)
        ):
            for lines in told:
                yield self._lines(lines)
        following.note_ended(run)
        self._is_run_over = run == self._run

    async def _text_of(self, entry: Entry) -> bytes:
        engine, handle = self._api.engine, self._api.handle
        if takes_long(entry):
            return await asyncio.to_thread(text_of, entry, engine, handle)
        return text_of(entry, engine, handle)

    def _lines(self, told: ToldLines) -> bytes:
        return self._message(LINES, told.text, told.places)

    def _message(self, name: str, text: bytes, places: str | None = None) -> bytes:
        lines = self._following.text if places is None else places
        head = f"event: {name}\nid: {id_of(self._log.mark, self._place, lines)}\ndata: "
        return b"".join((head.encode("ascii"), text, b"\n\n"))
