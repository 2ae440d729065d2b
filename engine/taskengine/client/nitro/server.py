"""A Nitro server under watch: whether it is there, and which tasks it has."""

import asyncio
import contextlib
from datetime import datetime

from taskengine.client.coming_fires import ComingFires
from taskengine.client.nitro import notes
from taskengine.client.nitro.catalog import NitroCatalog, catalog_of
from taskengine.client.nitro.listing import TASKS, NotNitro, read_listing
from taskengine.client.nitro.watch import Watch
from taskengine.client.site import Answer, Site
from taskengine.clock import Clock
from taskengine.errors import EngineUnreachable
from taskengine.events import (
    EngineState,
    EngineStateChanged,
    Event,
    ProblemCleared,
    ProblemRaised,
)
from taskengine.hub import Hub
from taskengine.output import OutputBuffer

MAX_LISTING = 16_000_000
"""Bytes."""
ANSWERED_WITHIN = 10.0
"""Seconds; the first look makes a dev server import all its tasks."""
WHAT_SERVES_TASKS = (
    "Tasks are served by `nitro dev`, and by Vite's server with Nitro's plugin, where the config"
    " has `experimental: { tasks: true }`; not by a built server, nor by SolidStart 1's `vinxi dev`"
)


async def look_at(site: Site) -> Answer:
    """What a server answers that is asked for its tasks. Raises EngineUnreachable."""
    return await site.get(TASKS, limit=MAX_LISTING, seconds=ANSWERED_WITHIN)


def no_nitro(url: str, error: NotNitro) -> EngineUnreachable:
    """What to raise for a server that answers, but not as Nitro does."""
    return EngineUnreachable(f"At {url} no Nitro serves its tasks: {error}. {WHAT_SERVES_TASKS}")


class WatchedServer:
    """Knows the server's tasks as they were at the last look, and tells what changes.

    `output` has a line for each time that the server came or went.
    """

    def __init__(self, site: Site, zone: str, hub: Hub, clock: Clock, every: float) -> None:
        self.site = site
        self.state = EngineState.STOPPED
        self.reason = ""
        self.catalog = NitroCatalog()
        self.fires = ComingFires(clock.now)
        self.output = OutputBuffer()
        self._zone = zone
        self._hub = hub
        self._clock = clock
        self._watch = Watch(self.look, self._miss, every)
        self._watching: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._listed: bytes | None = None

    async def start(self) -> None:
        """Look for the first time, and again and again from now on, also if this raises
        EngineUnreachable: a server may come later.
        """
        self._turn(EngineState.STARTING)
        try:
            await self.look()
        except EngineUnreachable as error:
            self._miss(str(error))
            raise
        finally:
            self._watching = asyncio.create_task(self._watch.go_on(), name="watch of Nitro")
            self._watching.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Look no more."""
        if self._watching:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
            self._turn(EngineState.STOPPED)

    def look_soon(self) -> None:
        """Have a look without waiting until it is time for one."""
        self._watch.look_soon()

    async def look(self) -> None:
        """Have a look now. Raises EngineUnreachable."""
        async with self._looking:
            answer = await look_at(self.site)
            if answer.status != 200 or answer.body != self._listed:
                await self._read(answer)
            self._turn(EngineState.LIVE)

    async def _read(self, answer: Answer) -> None:
        now = self._clock.now()
        try:
            catalog = await asyncio.to_thread(_catalog, answer, self._zone, now)
        except NotNitro as error:
            if self._listed is None:
                raise no_nitro(self.site.url, error) from error
            raise EngineUnreachable(
                f"{self.site.url} answers, but not with its tasks: {error}"
            ) from error
        views = catalog.views.values()
        await self.fires.prepare(views)
        self.fires.take(views)
        before, self.catalog, self._listed = self.catalog, catalog, answer.body
        for event in _events(before, catalog, now):
            self._hub.publish(event)

    def _miss(self, reason: str) -> None:
        self._turn(EngineState.UNREACHABLE, reason)

    def _ended(self, watching: asyncio.Task[None]) -> None:
        """Never be taken for live when nobody looks any more."""
        if not watching.cancelled() and (error := watching.exception()):
            self._turn(EngineState.DEAD, f"the watch of {self.site.url} failed: {error!r}")

    def _turn(self, state: EngineState, reason: str = "") -> None:
        if (state, reason) == (self.state, self.reason):
            return
        now = self._clock.now()
        if state is EngineState.LIVE:
            notes.add(self.output, now, f"{self.site.url} answers: {len(self.catalog.views)} tasks")
        elif reason:
            notes.add(self.output, now, reason)
        self.state, self.reason = state, reason
        self._hub.publish(EngineStateChanged(at=now, state=state, reason=reason))


def _catalog(answer: Answer, zone: str, now: datetime) -> NitroCatalog:
    return catalog_of(read_listing(answer), zone, now)


def _events(before: NitroCatalog, after: NitroCatalog, at: datetime) -> list[Event]:
    """What to tell when one catalog takes the place of another."""
    change = after.change_since(before, at)
    events: list[Event] = [change] if change else []
    gone = (one for one in before.problems if one not in after.problems)
    new = (one for one in after.problems if one not in before.problems)
    events += [ProblemCleared(at=at, problem=one) for one in gone]
    return events + [ProblemRaised(at=at, problem=one) for one in new]
