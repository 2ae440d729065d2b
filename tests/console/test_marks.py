"""The signs for how runs stand."""

from datetime import UTC, datetime

from taskconsole import marks
from taskengine.run import Run, RunState, Trigger

AT = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)


def test_every_state_has_a_sign_of_its_own_shape() -> None:
    signs = [marks.of_state(state).glyph for state in RunState]
    assert len(set(signs)) == len(RunState)


def test_what_went_wrong_stands_taller_in_a_spark_than_what_went_well() -> None:
    done = marks.bar(RunState.DONE)
    assert all(marks.bar(state) > done for state in marks.WENT_WRONG)
    assert marks.bar(RunState.SKIPPED) < done


def test_the_run_that_goes_on_leads_those_that_wait_behind_it() -> None:
    def run(number: int, state: RunState) -> Run:
        return Run(id=number, task="a", payload={}, trigger=Trigger.API, state=state, queued_at=AT)

    queued = [run(number, RunState.QUEUED) for number in (3, 4)]
    running = [run(number, RunState.RUNNING) for number in (1, 2)]
    assert marks.leading([*running, *queued]).id == 2
    assert marks.leading(queued).id == 4
    over = [run(5, RunState.DONE)]
    assert marks.leading([*queued, *over]).id == 4
    assert marks.leading(over).id == 5
