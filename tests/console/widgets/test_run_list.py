"""The runs of a task, one a row."""

from dataclasses import replace
from datetime import UTC, timedelta

from support.past import NOON, summary
from support.widgets import staged
from taskconsole.widgets.run_list import RunList
from taskengine.run import RunState

HALF_OF_120_COLUMNS = 52
CRASHED = replace(
    summary(237),
    state=RunState.CRASHED,
    started_at=NOON,
    ended_at=NOON + timedelta(seconds=65),
    attempt=2,
    max_attempts=4,
)


async def test_a_run_of_several_attempts_has_room_in_its_row() -> None:
    runs = RunList()
    async with staged(runs, size=(HALF_OF_120_COLUMNS, 5)) as stage:
        runs.table.tick(NOON, UTC)
        runs.table.pages.append((CRASHED,), None)
        runs.table.rows_changed()
        await stage.sees("✸ crashed    #237  2/4 schedule  12:00:00  1m 05s")


async def test_a_task_that_never_ran_is_said_to_be_one() -> None:
    runs = RunList()
    async with staged(runs, size=(HALF_OF_120_COLUMNS, 5)) as stage:
        runs.table.pages.append((), None)
        runs.table.rows_changed()
        await stage.sees("It never ran")
