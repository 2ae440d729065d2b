"""The runs that are to be over before schedules begin."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from taskengine.errors import TaskSkipped
from taskengine.run import Run, Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest

Begin = Callable[[RunRequest], Awaitable[LiveRun]]


async def run_at_startup(tasks: Iterable[str], begin: Begin, note: Callable[[str], None]) -> None:
    """Run these tasks once, side by side, and wait until their runs are over, however they end.

    `note` takes the words for people: what is waited for, and what could not be run.
    """
    begun = await asyncio.gather(*(_begin(task, begin, note) for task in tasks))
    runs = [live for live in begun if live]
    if not runs:
        return
    names = ", ".join(live.run.task for live in runs)
    note(f"schedules begin when these runs at startup are over: {names}")
    ended = await asyncio.gather(*(asyncio.shield(live.over) for live in runs))
    note(f"schedules begin; the runs at startup are over: {', '.join(map(_words, ended))}")


async def _begin(task: str, begin: Begin, note: Callable[[str], None]) -> LiveRun | None:
    try:
        return await begin(RunRequest(task=task, payload={}, trigger=Trigger.STARTUP))
    except TaskSkipped:
        return None
    except Exception as error:  # noqa: BLE001 - one that can't run must not keep schedules back
        note(f"{task} could not be run at startup: {error}")
        return None


def _words(run: Run) -> str:
    return f"{run.task} {run.state.value}"
