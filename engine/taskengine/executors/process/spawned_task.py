"""A fresh interpreter that is a task's process."""

from typing import NoReturn

from taskengine.executors.process.child.descriptors import TaskEnds
from taskengine.executors.process.child.life import live


def main(messages: int, output: int, errors: int, keeper_pid: int) -> NoReturn:
    """Live the life of a task's process."""
    live(TaskEnds(messages=messages, output=output, errors=errors), keeper_pid)
