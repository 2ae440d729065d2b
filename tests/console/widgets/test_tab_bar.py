"""Tabs where there is not room for all of them."""

import pytest

from support.widgets import staged
from taskconsole.widgets.tab_bar import TabBar

LABELS = ("Payload", "Runs", "Schedule", "Options", "Source")


@pytest.mark.parametrize(
    ("width", "active", "line"),
    [
        (60, 0, "Payload  Runs  Schedule  Options  Source"),
        (28, 0, "Payload  Runs  Schedule ▸"),
        (28, 2, "Payload  Runs  Schedule ▸"),
        (28, 3, "◂Runs  Schedule  Options ▸"),
        (28, 4, "◂Schedule  Options  Source"),
        (10, 3, "◂Options ▸"),
    ],
)
async def test_the_active_one_is_always_seen(width: int, active: int, line: str) -> None:
    bar = TabBar(LABELS)
    async with staged(bar, size=(width + 2, 3)) as stage:
        bar.active = active
        await stage.sees(line)


async def test_hidden_ones_are_reached_by_a_click_on_the_sign() -> None:
    bar = TabBar(LABELS)
    async with staged(bar, size=(30, 3)) as stage:
        await stage.pilot.click(TabBar, offset=(25, 0))
        await stage.sees("◂Runs  Schedule  Options ▸")
        await stage.pilot.click(TabBar, offset=(9, 0))
        await stage.until(lambda: bar.active == 2)
        bar.active = 4
        await stage.sees("◂Schedule")
        await stage.pilot.click(TabBar, offset=(1, 0))
        await stage.until(lambda: bar.active == 1)
