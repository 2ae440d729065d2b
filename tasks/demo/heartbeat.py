"""What a run knows about the schedule that fired it. `taskconsole.toml` fires this every minute."""

import os
import shutil
from datetime import UTC, datetime

from taskengine import TaskContext, TaskEvent, task
from tasks._shared import PROJECT, human_size


@task
def run(event: TaskEvent) -> dict[str, float]:
    """Tell the machine's load and free disk space. The payload has no keys."""
    load, *_ = os.getloadavg()
    disk = shutil.disk_usage(PROJECT)
    print(why(event.context))
    print(f"Load {load:.2f}; {human_size(disk.free)} of {human_size(disk.total)} free on the disk")
    return {"load": load, "free_bytes": disk.free}


def why(context: TaskContext) -> str:
    """In words, what began the run; of a scheduled one, how late it is."""
    if context.scheduled_time is None:
        return f"Begun by hand or by other code (trigger: {context.trigger})"
    late = datetime.now(UTC) - context.scheduled_time
    milliseconds = late.total_seconds() * 1000
    return f"Due at {context.scheduled_time:%H:%M:%S} UTC, begun {milliseconds:.0f} ms later"
