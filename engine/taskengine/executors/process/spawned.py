"""Fresh interpreters in the place of forks: one that is the keeper, and one for the task."""

import os
import subprocess
from typing import NoReturn

from taskengine.executors.process import spawned_task
from taskengine.executors.process.boot import start_interpreter
from taskengine.executors.process.child.descriptors import TaskEnds
from taskengine.executors.process.keeper import keep


def main(keeper: int, messages: int, output: int, errors: int, engine_pid: int) -> NoReturn:
    """Be a run's keeper, and start its task's process."""
    # Kept to the last: an object that is dropped would take the process's end from the keeper.
    started: list[subprocess.Popen[bytes]] = []

    def start_task() -> int:
        ends = TaskEnds(messages=messages, output=output, errors=errors)
        started.append(start_interpreter(spawned_task.__name__, ends, stderr=errors))
        for fd in ends:
            os.close(fd)
        return started[0].pid

    keep(keeper, engine_pid, start_task)
