"""A run with other values in some of its fields."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.any_runs import runs
from support.thorough import examples
from taskengine.run import Run
from taskengine.runs.changed import changed

NAMES = st.sets(st.sampled_from([field.name for field in fields(Run)]))


@examples(25)
@given(run=runs(), other=runs(), names=NAMES)
def test_a_changed_run_is_what_replacing_its_fields_makes(
    run: Run, other: Run, names: set[str]
) -> None:
    before = replace(run)
    changes = {name: getattr(other, name) for name in names}

    assert changed(run, changes) == replace(run, **changes)
    assert run == before


@given(run=runs())
@examples(1)
def test_a_run_has_no_other_fields(run: Run) -> None:
    with pytest.raises(KeyError, match="colour"):
        changed(run, {"colour": "red"})
