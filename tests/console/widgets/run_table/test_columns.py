"""Which columns a table of runs has at which width."""

import pytest

from taskconsole.widgets.run_table.columns import Needs, fit

NEEDS = Needs(id=6, task=14, has_days=True)


@pytest.mark.parametrize("needs", [NEEDS, Needs(), Needs(id=9, task=60, has_days=True)])
def test_the_columns_never_need_more_than_there_is(needs: Needs) -> None:
    least = fit(0, needs).taken
    for width in range(31, 200):
        assert fit(width, needs).taken <= max(width, least), width


def test_a_wide_table_has_every_column() -> None:
    assert all(fit(114, NEEDS).widths)


def test_a_table_of_80_columns_leaves_out_the_lines_only() -> None:
    columns = fit(75, NEEDS)
    assert columns.lines == 0
    assert columns.text >= 8
    assert columns.trigger
    assert columns.task


def test_a_task_of_its_own_needs_no_name() -> None:
    assert fit(114, Needs(id=6)).task == 0
