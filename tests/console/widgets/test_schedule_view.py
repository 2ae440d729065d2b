"""What the tab about a task's schedules says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from textual.app import App, ComposeResult
from textual.widgets import Static

from taskconsole.widgets.schedule_view import ScheduleTab
from taskengine.client.views import OptionView, ScheduleView, TaskStatus, TaskView

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


async def said(
    *fires: datetime,
    schedule: ScheduleView = DAILY,
    options: tuple[OptionView, ...] = (),
    zone: tzinfo = UTC,
) -> list[str]:
    async with Page().run_test() as pilot:
        tab = pilot.app.query_one(ScheduleTab)
        view = TaskView(name="a", schedules=(schedule,), options=options)
        tab.show(view, TaskStatus(), fires, NOW, zone)
        return str(tab.query_one("#schedule", Static).content).splitlines()


async def test_a_payload_is_told_as_json() -> None:
    assert 'with {"full": true, "since": null, "where": "Zürich"}' in await said()


async def test_a_fire_is_told_with_how_long_it_takes_to_come() -> None:
    lines = await said(NOW + timedelta(days=3, hours=4), NOW + timedelta(seconds=39))
    assert "Mon 30 Nov 09:00:00  in 3 d 4 h" in lines
    assert "Fri 27 Nov 05:00:39  in 0:39" in lines


async def test_fires_on_the_minute_are_told_without_seconds() -> None:
    assert "Mon 30 Nov 09:00  in 3 d 4 h" in await said(NOW + timedelta(days=3, hours=4))


async def test_a_jitter_is_told_where_it_comes_from() -> None:
    lines = await said(schedule=replace(DAILY, delay=5.9))
    assert "in UTC · 5.9s later, by its jitter · from taskconsole.toml:3" in lines


async def test_what_becomes_of_missed_fires_is_told_where_somebody_has_said_so() -> None:
    own = OptionView(name="catch_up", value="skip", source="taskconsole.toml:8")
    assert "of fires that are missed it runs: skip" in await said(options=(own,))
    assert not any(
        "missed" in line for line in await said(options=(replace(own, source="default"),))
    )


async def test_the_night_of_a_clock_change_stands_between_the_fires() -> None:
    spring = datetime(2027, 3, 28, 12, tzinfo=UTC)
    before = spring - timedelta(days=2)
    lines = await said(before, spring, zone=ZoneInfo("Europe/London"))
    assert lines[-2] == "Sun 28 Mar: the clocks go forward by 1 h"
