"""The latest runs of a task, one a row."""

from datetime import UTC, datetime, timedelta

from support.widgets import staged
from taskconsole.widgets.run_list import RunList
from taskengine.run import Run, RunState, Trigger

NOW = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
HALF_OF_120_COLUMNS = 52


async def test_a_run_of_several_attempts_has_room_in_its_row() -> None:
    crashed = Run(
        id=237,
        task="a",
        state=RunState.CRASHED,
        trigger=Trigger.SCHEDULE,
        payload={},
        queued_at=NOW,
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=65),
        attempt=2,
        max_attempts=4,
    )
    runs = RunList()
    async with staged(runs, size=(HALF_OF_120_COLUMNS, 5)) as stage:
        runs.show([crashed], NOW, UTC)
        await stage.sees("✸ #237   14:03:21  1m 05s crashed   2/4  schedule")
        assert "…" not in stage.text
