"""Which columns fit."""

from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.task_list.columns import Columns, fit


def shown(columns: Columns) -> list[str]:
    names = ("schedule", "next", "last", "spark")
    return [name for name in names if getattr(columns, name)]


def test_columns_leave_in_the_order_of_what_they_are_worth() -> None:
    assert shown(fit(100, 20)) == ["schedule", "next", "last", "spark"]
    assert shown(fit(58, 14)) == ["schedule", "next", "last"]
    assert shown(fit(45, 14)) == ["next", "last"]
    assert shown(fit(36, 11)) == ["next", "last"]
    assert shown(fit(36, 500)) == ["next", "last"]
    assert shown(fit(35, 14)) == ["next"]
    assert shown(fit(20, 14)) == []


@given(st.integers(14, 300), st.integers(0, 200))
def test_the_columns_fill_the_width_exactly(width: int, longest: int) -> None:
    columns = fit(width, longest)
    assert columns.name + columns.free == width
