"""The signs for how runs stand."""

from taskconsole import marks
from taskengine.run import RunState


def test_every_state_has_a_sign_of_its_own_shape() -> None:
    signs = [marks.of_state(state).glyph for state in RunState]
    assert len(set(signs)) == len(RunState)


def test_what_went_wrong_stands_taller_in_a_spark_than_what_went_well() -> None:
    done = marks.bar(RunState.DONE)
    assert all(marks.bar(state) > done for state in marks.WENT_WRONG)
    assert marks.bar(RunState.SKIPPED) < done
