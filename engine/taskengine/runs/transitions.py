"""The life of a run as a table: which state may follow which."""

from collections.abc import Mapping

from taskengine.run import RunState

FIRST_STATES = frozenset({RunState.QUEUED, RunState.SKIPPED})
# How a run can end while none of its code is at work.
_WITHOUT_CODE = frozenset(
    {RunState.FAILED, RunState.CANCELLED, RunState.CRASHED, RunState.INTERRUPTED}
)
NEXT_STATES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: _WITHOUT_CODE | {RunState.RUNNING, RunState.WAITING},
    RunState.RUNNING: _WITHOUT_CODE | {RunState.WAITING, RunState.DONE, RunState.TIMEOUT},
    RunState.WAITING: _WITHOUT_CODE | {RunState.RUNNING},
}


class IllegalTransition(RuntimeError):
    """The engine tried to bring a run into a state that can't follow its present one."""

    def __init__(self, before: RunState, after: RunState) -> None:
        super().__init__(f"a run that is {before.value} can't become {after.value}")


def check_transition(before: RunState, after: RunState) -> None:
    """Raise IllegalTransition if a run can't go from one state to the other."""
    if after not in NEXT_STATES.get(before, frozenset()):
        raise IllegalTransition(before, after)
