"""How all runs come to their end when the engine stops."""

import asyncio
from collections.abc import Mapping

from taskengine.options import Isolation
from taskengine.runs.active import ActiveRuns
from taskengine.runs.conductor import Conductor
from taskengine.runs.live import LiveRun

STOP_SECONDS = 1.0
HURRIED_SECONDS = 0.5


class Closing:
    """Grace, then cancel, then kill; what does not even end then is left behind as interrupted.

    These spans are real time, whatever the engine's clock says: a program waits for its exit.
    """

    def __init__(
        self,
        conductor: Conductor,
        active: ActiveRuns,
        conductors: Mapping[int, asyncio.Task[None]],
    ) -> None:
        self._conductor = conductor
        self._active = active
        self._conductors = conductors
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """Give no more grace: what goes on is killed, and waited for no longer than needed."""
        self._hurried.set()

    async def close(self, grace: float) -> None:
        """Let runs end for `grace` seconds, then make them end."""
        self._conductor.is_closing = True
        self._interrupt_idle()
        await self._drain(grace)
        self._interrupt_all()
        await self._drain(STOP_SECONDS)
        self._kill_all()
        await self._drain_killed()
        await self._leave_behind()

    def _interrupt_idle(self) -> None:
        """Stop what has no code at work: it would begin now what there may be no time for.

        What a run that goes on has started, or waits for, is part of that run's work.
        """
        for live in self._active.all():
            if (live.turn or live.pause) and not self._active.is_needed(live):
                self._conductor.interrupt(live)

    def _interrupt_all(self) -> None:
        for live in self._active.all():
            if live.is_joinable:
                self._conductor.interrupt(live)

    def _kill_all(self) -> None:
        for live in self._active.all():
            if live.attempt:
                live.attempt.kill()

    async def _drain_killed(self) -> None:
        """A killed process is gone at once; nobody can say that of a thread."""
        if self._hurried.is_set():
            await self._all_over(HURRIED_SECONDS)
        elif any(_is_process(live) for live in self._active.all()):
            await self._all_over(STOP_SECONDS)

    async def _leave_behind(self) -> None:
        """A conductor is not cancelled before its first step: it would not see to the run's end."""
        for conductor in tuple(self._conductors.values()):
            asyncio.get_running_loop().call_soon(conductor.cancel)
        await self._all_over(STOP_SECONDS)

    async def _drain(self, seconds: float) -> None:
        """Wait until all runs are over, so long at the most, or until there is a hurry."""
        hurry = asyncio.ensure_future(self._hurried.wait())
        over = asyncio.ensure_future(self._all_over(seconds))
        try:
            await asyncio.wait({hurry, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hurry.cancel()
            over.cancel()

    async def _all_over(self, seconds: float) -> None:
        """Wait until all runs are over, those too that begin meanwhile, so long at the most."""
        end = asyncio.get_running_loop().time() + seconds
        while self._conductors:
            left = end - asyncio.get_running_loop().time()
            _, going_on = await asyncio.wait(self._conductors.values(), timeout=max(left, 0))
            if going_on:
                return


def _is_process(live: LiveRun) -> bool:
    return live.task.options.isolation is Isolation.PROCESS
