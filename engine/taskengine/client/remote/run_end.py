"""Waits for the end of a run of an engine elsewhere, whatever becomes of the connection."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from taskengine.client.remote.mirror import Mirror
from taskengine.client.remote.watch import Watch
from taskengine.errors import EngineUnreachable, RunNotFound
from taskengine.run import Run

_LOOKED_AGAIN, _TRIED_AGAIN = 30.0, 0.25

Find = Callable[[int], Awaitable[Run | None]]


async def run_end(run_id: int, find: Find, watch: Watch) -> Run | None:
    """The run when it is over; None if the engine is watched no more before that. `find` asks the
    engine for it. Raises RunNotFound.
    """
    while not watch.is_stopped:
        state = watch.mirror
        try:
            run = await find(run_id)
        except EngineUnreachable:
            if known := watch.found.ended(run_id):
                return known
            await asyncio.sleep(_TRIED_AGAIN)
            continue
        if run is None:
            raise RunNotFound(run_id)
        if run.state.is_final:
            return run
        await watch.until(partial(_may_be_over, run_id, watch, state), _LOOKED_AGAIN)
    return None


def _may_be_over(run_id: int, watch: Watch, state: Mirror | None) -> bool:
    """Whether a run is over, or may have ended unseen since a state of the engine."""
    return watch.is_stopped or watch.mirror is not state or watch.found.is_over(run_id)
