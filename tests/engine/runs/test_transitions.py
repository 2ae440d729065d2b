"""The table of a run's life."""

import pytest

from taskengine import RunState
from taskengine.runs.transitions import NEXT_STATES, IllegalTransition, check_transition


@pytest.mark.parametrize("state", [state for state in RunState if state.is_final])
def test_nothing_follows_a_final_state(state: RunState) -> None:
    for after in RunState:
        with pytest.raises(IllegalTransition, match=f"{state.value} can't become {after.value}"):
            check_transition(state, after)


@pytest.mark.parametrize("state", NEXT_STATES)
def test_every_run_that_goes_on_can_be_cancelled_and_interrupted(state: RunState) -> None:
    check_transition(state, RunState.CANCELLED)
    check_transition(state, RunState.INTERRUPTED)


def test_only_code_that_runs_can_be_done_or_time_out() -> None:
    for after in (RunState.DONE, RunState.TIMEOUT):
        assert [before for before, states in NEXT_STATES.items() if after in states] == [
            RunState.RUNNING
        ]


def test_every_state_but_the_first_ones_can_be_reached() -> None:
    reached = frozenset().union(*NEXT_STATES.values())

    assert set(RunState) - reached == {RunState.QUEUED, RunState.SKIPPED}
