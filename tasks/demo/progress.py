"""Log levels, progress, and what an `async` task does when it is cancelled."""

import asyncio
import logging

from taskengine import TaskEvent, task

STEPS = 20


@task
async def run(event: TaskEvent) -> str:
    """Log for a while and report progress.

    Payload:
        seconds: how long it takes; 10 by default.
    """
    seconds = float(event.payload.get("seconds", 10))
    context = event.context
    context.progress(0, STEPS, "warming up")
    try:
        for step in range(1, STEPS + 1):
            await asyncio.sleep(seconds / STEPS)
            context.log.log(level_of(step), "step %d of %d", step, STEPS)
            context.progress(step, STEPS, f"step {step}")
    except asyncio.CancelledError:
        # A cancelled run gets this error at its `await`: tidy up, then let the error go on.
        print("Cancelled: tidying up")
        raise
    return f"{STEPS} steps in {seconds:g} s"


def level_of(step: int) -> int:
    """Most steps are of the level INFO; a few are worse, for their colours."""
    if step == 15:
        return logging.ERROR
    return logging.WARNING if step % 5 == 0 else logging.INFO
