"""Runs by their numbers: those that are known here at once, others when the engine tells them."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from textual.screen import Screen

from taskconsole.notices import Notice, Tell
from taskconsole.workers import replace_worker
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.run import Run


class FoundRuns:
    """Finds runs on behalf of a screen, and tells where that can't be: one that is not kept any
    more, or an engine that does not answer.
    """

    def __init__(self, screen: Screen[None], handle: Handle, tell: Tell) -> None:
        self._screen = screen
        self._handle = handle
        self._tell = tell

    def then(self, run_id: int, do: Callable[[Run], None]) -> None:
        """Do something with a run: now if it is known, else when it is found. What was to be done
        with another one that is still looked for is done no more.
        """
        if run := self._handle.run(run_id):
            self._screen.workers.cancel_group(self._screen, "find")
            do(run)
        else:
            replace_worker(self._screen, partial(self._find_then, run_id, do), "find")

    async def _find_then(self, run_id: int, do: Callable[[Run], None]) -> None:
        if run := await self.whole(run_id):
            do(run)

    async def whole(self, run_id: int) -> Run | None:
        """A run with all that belongs to it; None, which is told, where it can't be had."""
        try:
            run = await self._handle.find_run(run_id)
        except TaskError as error:
            self._tell(Notice(str(error), "", "error"))
            return None
        if run is None:
            self._tell(Notice(f"run #{run_id} is not kept any more", "", "warning"))
        return run

    async def those_kept(self, run_ids: Iterable[int]) -> dict[int, Run]:
        """Some runs by their numbers, without those that are not kept any more. Raises
        EngineUnreachable.
        """
        found = await asyncio.gather(*map(self._known_or_found, run_ids))
        return {run.id: run for run in found if run is not None}

    async def _known_or_found(self, run_id: int) -> Run | None:
        return self._handle.run(run_id) or await self._handle.find_run(run_id)
