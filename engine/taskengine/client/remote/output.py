"""What a run of an engine elsewhere has written: fetched as it is looked at."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from taskengine.client.remote.background import Spawn
from taskengine.client.remote.line_store import MOST_CHARS, MOST_LINES, LineStore
from taskengine.client.remote.readable import readable
from taskengine.errors import EngineUnreachable, RunNotFound, TaskError
from taskengine.output import OutputExtent

LINES_AT_ONCE = 20_000  # as many as an engine gives for one call
_FEWEST_AT_ONCE = 100  # on a connection that breaks again and again
END = 500  # lines that are fetched first, and when more have come than can be shown
LOOKED_AT = 2.0  # seconds after which nobody looks any more
LOOKED_AGAIN = 5.0  # seconds after which more is looked for where all is known to be over
_WAIT = 15.0
_KNOWN_PARTIAL = 200  # characters of its end, by which an engine sees that it has changed
_BETWEEN_CALLS = 0.03
_AFTER_FAILURE = 0.5
_MARGIN = 250  # lines around those that are wanted: who looks at one scrolls on
_WANTED_AT_ONCE = 8

_NOTHING = OutputExtent(0, 0, 0)


class Excerpt(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded lines of an output, without a gap, and how much there is in all. `over`: there will
    never be more.
    """

    extent: OutputExtent
    start: int = 0
    lines: tuple[str, ...] = ()
    partial: str = ""
    over: bool = False

    @property
    def end(self) -> int:
        """The number of the line after the last one."""
        return self.start + len(self.lines)


class Ask(Protocol):
    """Asks the engine for lines. Raises EngineUnreachable, and RunNotFound."""

    def __call__(self, **query: float | str | None) -> Awaitable[Excerpt]:
        """The lines that a query asks for: `start`, `stop`, `tail`, `wait`, `partial`."""


class RemoteOutput:
    """Follows an output while somebody looks at it, and fetches the lines that are asked for.

    Whoever asks for the extent looks. All is done on the event loop that it was made on; `spawn`
    makes tasks there, which end when the handle does.
    """

    def __init__(self, ask: Ask, spawn: Spawn) -> None:
        self._ask = ask
        self._spawn = spawn
        self._time = asyncio.get_running_loop().time
        self._store = LineStore()
        self._extent = _NOTHING
        self._partial = ""
        self._is_known = False
        self._is_over = False
        self._looked_at = 0.0
        self._answered_at = 0.0
        self._following: asyncio.Task[None] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._wanted: list[tuple[int, int]] = []
        self._at_once = LINES_AT_ONCE
        self._one_at_a_time = asyncio.Lock()

    @property
    def extent(self) -> OutputExtent:
        """Which lines can be read, as far as it is known here; it goes on growing."""
        self._looked_at = self._time()
        is_due = not self._is_over or self._looked_at - self._answered_at > LOOKED_AGAIN
        if is_due and _is_idle(self._following):
            self._following = self._spawn(self._follow())
        return self._extent

    @property
    def partial(self) -> str:
        """What was written after the last line break, undecorated; empty when there is nothing."""
        return self._partial

    @property
    def is_over(self) -> bool:
        """Whether it is known that there will never be more."""
        return self._is_over

    def has(self, start: int, stop: int) -> bool:
        """Whether lines are at hand. If they are not, they are on their way after this."""
        if stop <= start:
            return True
        if self._is_known and self._missing(start, stop) is None:
            return True
        self._want(start, stop)
        return False

    async def fetch(self, start: int, stop: int) -> None:
        """Return when lines are at hand, of more than there is room for only the first ones; if it
        is none that is asked for, when it is known how many there are by now. Raises
        EngineUnreachable.
        """
        if not self._is_known or (start >= stop and not self._is_over):
            self._take(await self._end())
        room = 1.0
        for first, last in self._kept(start, stop):
            room = await self._fetch(first, last, room)

    def read(self, start: int, stop: int) -> list[str]:
        """The encoded lines from `start` up to `stop`, without those dropped or not yet written;
        none where they are not all at hand.
        """
        lines: list[str] = []
        for first, last in self._kept(start, stop):
            part = self._store.read(first, last)
            if part is None:
                return []
            lines += part
        return lines

    def begin_anew(self) -> None:
        """Rely on nothing that is known: the engine is another one since."""
        self._store.clear()
        self._is_known = self._is_over = False

    def _kept(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Of a range of lines, those before the gap and those after it."""
        extent = self._extent
        start, stop = max(start, 0), min(stop, extent.total)
        parts = [(start, min(stop, extent.gap_start)), (max(start, extent.gap_end), stop)]
        if not extent.dropped:
            parts = [(start, stop)]
        return (part for part in parts if part[0] < part[1])

    def _missing(self, start: int, stop: int) -> tuple[int, int] | None:
        for first, last in self._kept(start, stop):
            if missing := self._store.missing(first, last):
                return missing
        return None

    # Fetching what is asked for

    def _want(self, start: int, stop: int) -> None:
        """Have lines fetched, those that were wanted last first: somebody may be scrolling."""
        if (start, stop) not in self._wanted:
            self._wanted.append((start, stop))
            del self._wanted[:-_WANTED_AT_ONCE]
        if _is_idle(self._fetching):
            self._fetching = self._spawn(self._fetch_wanted())

    async def _fetch_wanted(self) -> None:
        while self._wanted:
            start, stop = self._wanted.pop()
            try:
                await self.fetch(start - _MARGIN, stop + _MARGIN)
            except TaskError:
                self._wanted.clear()  # whoever looks asks again; not at once
            if self._missing(start, stop):
                await asyncio.sleep(_AFTER_FAILURE)

    async def _fetch(self, start: int, stop: int, room: float) -> float:
        """Have lines come, as long as there is `room`; gives back how much of it is left. Those
        that are here already take theirs: asked for again, they must not make way for what follows.
        """
        while start < stop and room > 0:
            async with self._one_at_a_time:
                first, last = self._missing(start, stop) or (stop, stop)
                room -= _part_of_room(self._store.read(start, first) or ())
                if first == stop or room <= 0:
                    break
                last = min(last, first + self._at_once)
                excerpt = await self._asked(last - first, start=first, stop=last)
                self._take(excerpt)
                start = max(excerpt.end, first + 1) if excerpt.lines else stop
                room -= _part_of_room(excerpt.lines)
        return room

    # Following what is written

    async def _follow(self) -> None:
        """Keep up with the output, until it is over or nobody looks."""
        is_first = True  # what a run has left behind may write when it is over: that is looked for
        while is_first or (not self._is_over and self._time() - self._looked_at < LOOKED_AT):
            is_first, began = False, self._time()
            try:
                await self._follow_once()
            except TaskError:
                await asyncio.sleep(_AFTER_FAILURE)
            await asyncio.sleep(max(0.0, began + _BETWEEN_CALLS - self._time()))

    async def _follow_once(self) -> None:
        """Learn of lines together with what they say: those at the end are looked at. What comes
        when all was over is told at once, for the rest would be asked for only when it is due.
        """
        excerpt = await (self._more() if self._is_known else self._end())
        if excerpt.extent.total - excerpt.end > END:
            excerpt = await self._end()
        self._take(excerpt if self._is_over else _as_far_as_it_goes(excerpt))

    async def _end(self) -> Excerpt:
        count = min(END, self._at_once)
        return await self._asked(count, tail=count)

    async def _more(self) -> Excerpt:
        """What has been written since; if nothing has, what is written next."""
        start, count = self._extent.total, min(2 * END, self._at_once)
        wait = None if self._is_over else _WAIT
        partial = self._partial[-_KNOWN_PARTIAL:]
        return await self._asked(count, start=start, stop=start + count, wait=wait, partial=partial)

    async def _asked(self, count: int, **query: float | str | None) -> Excerpt:
        """What the engine answers; of a run that is not kept any more, nothing is. Of up to `count`
        lines, fewer are asked for the next time if the connection breaks meanwhile.
        """
        try:
            excerpt = await self._ask(**query)
        except RunNotFound:
            total = self._extent.total
            return Excerpt(extent=OutputExtent(total, 0, total), over=True)
        except EngineUnreachable:
            self._at_once = max(count // 2, _FEWEST_AT_ONCE)
            raise
        self._at_once = min(self._at_once * 2, LINES_AT_ONCE)
        return excerpt

    def _take(self, excerpt: Excerpt) -> None:
        """Learn from an answer. Answers may overtake each other: the longer extent is the later."""
        self._answered_at = self._time()
        self._store.put(excerpt.start, readable(excerpt.lines))
        if self._is_known and excerpt.extent.total < self._extent.total:
            return
        self._extent = excerpt.extent
        self._partial = excerpt.partial
        self._is_known = True
        self._is_over = self._is_over or excerpt.over


def _as_far_as_it_goes(excerpt: Excerpt) -> Excerpt:
    """What an answer would be if there were no lines yet after those that it brings."""
    end, extent = excerpt.end, excerpt.extent
    if not excerpt.lines or not extent.gap_end <= end < extent.total:
        return excerpt
    extent = OutputExtent(end, extent.gap_start, extent.gap_end)
    return replace(excerpt, extent=extent, partial="", over=False)


def _part_of_room(lines: Sequence[str]) -> float:
    """How much lines take of what may be fetched in one go, so that the first ones stay."""
    return max(len(lines) / MOST_LINES, sum(map(len, lines)) / MOST_CHARS) * 4 / 3


def _is_idle(task: asyncio.Task[None] | None) -> bool:
    return task is None or task.done()
