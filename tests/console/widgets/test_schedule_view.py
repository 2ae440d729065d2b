"""What the tab about a task's schedules says."""

from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.widgets import Static

from taskconsole.widgets.schedule_view import ScheduleTab
from taskengine.client.views import ScheduleView, TaskStatus, TaskView

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
DAILY = ScheduleView(
    cron="0 9 * * 1",
    words="At 09:00 on Monday",
    short_words="Mon 09:00",
    timezone="UTC",
    source="taskconsole.toml:3",
    payload={"full": True, "since": None, "where": "Zürich"},
)


class Page(App[None]):
    """A page with nothing but the tab."""

    def compose(self) -> ComposeResult:
        yield ScheduleTab()


async def said(*fires: datetime) -> list[str]:
    async with Page().run_test() as pilot:
        tab = pilot.app.query_one(ScheduleTab)
        tab.show(TaskView(name="a", schedules=(DAILY,)), TaskStatus(), fires, NOW, UTC)
        return str(tab.query_one("#schedule", Static).content).splitlines()


async def test_a_payload_is_told_as_json() -> None:
    assert 'with {"full": true, "since": null, "where": "Zürich"}' in await said()


async def test_a_fire_is_told_with_how_long_it_takes_to_come() -> None:
    lines = await said(NOW + timedelta(days=3, hours=4), NOW + timedelta(seconds=39))
    assert "  Mon 30 Nov 09:00:00   in 3 d 4 h" in lines
    assert "  Fri 27 Nov 05:00:39   in 0:39" in lines
