"""What the runs of a task add up to."""

from datetime import timedelta

import pytest

from support.past_runs import NOW, past_run
from taskengine.history.tally import OUTCOMES_KEPT, TaskTally
from taskengine.run import RunState


def test_runs_are_counted_by_their_final_states() -> None:
    tally = TaskTally()
    for number, state in enumerate([RunState.DONE, RunState.FAILED, RunState.DONE]):
        tally.add(past_run(number, state=state))

    statistics = tally.statistics()

    assert statistics.counts == {RunState.DONE: 2, RunState.FAILED: 1}
    assert statistics.success_rate == pytest.approx(2 / 3)
    assert tally.outcomes == (RunState.DONE, RunState.FAILED, RunState.DONE)
    assert tally.last == 2


def test_statistics_do_not_change_when_more_runs_are_counted() -> None:
    tally = TaskTally()
    tally.add(past_run(1))
    statistics = tally.statistics()

    tally.add(past_run(2))

    assert statistics.total == 1


def test_only_runs_that_were_done_say_how_long_a_task_takes() -> None:
    tally = TaskTally()
    tally.add(past_run(1))
    tally.add(past_run(2, state=RunState.TIMEOUT, ended_at=NOW + timedelta(days=1)))

    assert tally.statistics().p95 == pytest.approx(1.0, rel=0.05)


def test_only_the_latest_outcomes_are_kept() -> None:
    tally = TaskTally()
    tally.add(past_run(0, state=RunState.FAILED))
    for number in range(1, OUTCOMES_KEPT + 1):
        tally.add(past_run(number))

    assert tally.outcomes == (RunState.DONE,) * OUTCOMES_KEPT
    assert tally.statistics().counts[RunState.FAILED] == 1


def test_a_run_that_is_counted_late_has_its_place_among_the_outcomes() -> None:
    tally = TaskTally()
    tally.add(past_run(5))
    tally.add(past_run(9, state=RunState.FAILED, ended_at=NOW - timedelta(days=1)))

    assert tally.outcomes == (RunState.FAILED, RunState.DONE)
    assert tally.last == 5


def test_a_run_that_never_began_counts_from_when_it_was_queued() -> None:
    tally = TaskTally()
    tally.add(past_run(1, state=RunState.SKIPPED, started_at=None, ended_at=None))

    assert tally.outcomes == (RunState.SKIPPED,)
    assert tally.statistics().p50 is None
