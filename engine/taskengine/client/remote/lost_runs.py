"""Runs that went on when the stream was cut, and went on no more when it was back."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from taskengine.client.remote.background import Spawn
from taskengine.client.remote.place import Place
from taskengine.errors import RunNotFound, TaskError
from taskengine.run import Run, RunError, RunState

_LOOKED_UP_AT_ONCE = 8


class LostRuns:
    """Learns how they ended, and gives each to `found` that is over."""

    def __init__(
        self,
        place: Place,
        now: Callable[[], datetime],
        found: Callable[[Run], None],
        spawn: Spawn,
    ) -> None:
        self._place = place
        self._now = now
        self._found = found
        self._spawn = spawn
        self._runs: dict[int, Run] = {}
        self._is_looking_up = False

    def add(self, runs: Iterable[Run]) -> None:
        """Look for these too, and for those that could not be looked up before."""
        self._runs.update((run.id, run) for run in runs)
        if self._runs and not self._is_looking_up:
            self._is_looking_up = True
            self._spawn(self._look_up())

    def drop(self, run_id: int) -> None:
        """Look for a run no more: its end was told."""
        self._runs.pop(run_id, None)

    def clear(self) -> None:
        """Look for none any more."""
        self._runs.clear()

    async def _look_up(self) -> None:
        try:
            while wanted := list(self._runs.values())[:_LOOKED_UP_AT_ONCE]:
                for run in await asyncio.gather(*map(self._ended, wanted)):
                    if self._runs.pop(run.id, None) and run.state.is_final:
                        self._found(run)
        except TaskError:
            return  # it is tried again after the next state
        finally:
            self._is_looking_up = False

    async def _ended(self, run: Run) -> Run:
        try:
            return await self._place.connection.get(Run, "runs", run.id)
        except RunNotFound as error:
            unknown = RunError(type="RunNotFound", message=f"{error}: nobody saw how it ended")
            state, now = RunState.INTERRUPTED, self._now()
            return replace(run, state=state, ended_at=now, stopping=False, error=unknown)
