"""The fixture that pytest offers wherever this package is installed.

PYTEST_DONT_REWRITE: there is nothing here to rewrite, and it is imported before pytest could.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from taskengine.testing.bench import TaskBench


@pytest.fixture
def task_bench() -> "TaskBench":
    """A bench that runs single tasks, with a clock of its own."""
    from taskengine.testing.bench import TaskBench

    return TaskBench()
