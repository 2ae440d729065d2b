"""Which run is at work on an event loop, told from the name of the loop's present asyncio task."""

import asyncio
import re

from taskengine.run import Run

_NAME = re.compile(r"taskengine run (\d+)")


def name_of_run(run: Run) -> str:
    """What the asyncio task is called that calls a run's function."""
    return f"taskengine run {run.id}"


def run_on(loop: asyncio.AbstractEventLoop) -> int | None:
    """The run whose function is at work on a loop right now. Called from any thread.

    Tasks that the function itself has made are not told from a stranger's.
    """
    current = asyncio.current_task(loop)
    if not isinstance(current, asyncio.Task):
        return None
    found = _NAME.fullmatch(asyncio.Task.get_name(current))
    return int(found[1]) if found else None
