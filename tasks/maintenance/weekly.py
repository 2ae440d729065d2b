"""A task made of other tasks, each with a run of its own. Its schedule stands next to it."""

import asyncio

from taskengine import Schedule, TaskEvent, task


@task(schedule=Schedule("0 6 * * MON", payload={"days": 90}))
async def run(event: TaskEvent) -> dict[str, object]:
    """Report the project's sizes and look for files to clean up, at the same time.

    Payload:
        days: the age from which a file counts as old; 30 by default.
    """
    run_task = event.context.run_task
    print("Starting files:report and files:cleanup; each has its own run and output")
    report, cleanup = await asyncio.gather(
        run_task("files:report"),
        run_task("files:cleanup", {"days": event.payload.get("days", 30)}),
    )
    print("Both are done")
    return {"report": report, "cleanup": cleanup}
