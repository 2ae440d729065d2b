"""The runs that are to be over before schedules begin."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from taskengine.errors import TaskSkipped
from taskengine.run import Trigger
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest

Begin = Callable[[RunRequest], Awaitable[LiveRun]]


async def run_at_startup(tasks: Iterable[str], begin: Begin, note: Callable[[str], None]) -> None:
    """Run these tasks once, side by side, and wait until it is known how each of their runs ends.

    `note` takes the words for people: what is waited for, and what could not be run.
    """
    begun = await asyncio.gather(*(_begin(task, begin, note) for task in tasks))
    runs = [live for live in begun if live]
    if not runs:
        return
    names = ", ".join(live.run.task for live in runs)
    note(f"schedules begin when these runs at startup are over: {names}")
    # Not `over`: a sync body that does not return after its timeout must not keep schedules back.
    endings = await asyncio.gather(*(live.answer.wait() for live in runs))
    words = (f"{live.run.task} {end.state.value}" for live, end in zip(runs, endings, strict=True))
    note(f"schedules begin; the runs at startup are over: {', '.join(words)}")


async def _begin(task: str, begin: Begin, note: Callable[[str], None]) -> LiveRun | None:
    try:
        return await begin(RunRequest(task=task, payload={}, trigger=Trigger.STARTUP))
    except TaskSkipped:
        return None
    except Exception as error:  # noqa: BLE001 - one that can't run must not keep schedules back
        note(f"{task} could not be run at startup: {error}")
        return None
