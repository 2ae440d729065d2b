"""For tests of tasks: run one with a payload and see what came of it, with a clock that is driven.

`ManualClock` stands still until the test moves it; `TaskBench` runs single tasks, and gives an
`Outcome` for each. With pytest, the fixture `task_bench` is a new bench for each test.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskengine.testing.bench import TaskBench
    from taskengine.testing.manual_clock import ManualClock
    from taskengine.testing.outcome import Outcome

__all__ = ["ManualClock", "Outcome", "TaskBench"]

# Every pytest of the environment imports this package for its fixture: that must not cost it time.
_LATE = {
    "ManualClock": "taskengine.testing.manual_clock",
    "Outcome": "taskengine.testing.outcome",
    "TaskBench": "taskengine.testing.bench",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
