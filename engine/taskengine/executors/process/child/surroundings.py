"""Where a task finds itself: folder, environment and import path are the engine's own."""

import os
import sys
import time

from taskengine.executors.process.messages import Assignment


def take_over(assignment: Assignment) -> None:
    """Be as a part of the engine's own process would be, as far as a task can tell."""
    if assignment.folder:
        os.chdir(assignment.folder)
    environment = dict(assignment.environment)
    if environment != dict(os.environb):
        os.environ.clear()
        os.environb.update(environment)
        time.tzset()
    sys.path[:] = map(os.fsdecode, assignment.sys_path)
