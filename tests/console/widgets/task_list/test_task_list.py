"""The table of tasks, in an app of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len
from textual.strip import Strip

from support.widgets import Stage, staged
from taskconsole.widgets.task_list.entry import SortOrder, TaskEntry
from taskconsole.widgets.task_list.widget import TaskList
from taskengine.client.views import ScheduleView, TaskStatus, TaskView
from taskengine.run import Run, RunState, Trigger

NOW = datetime(2026, 3, 10, 14, 3, 21, tzinfo=UTC)
HOURLY = ScheduleView(
    cron="0 * * * *", words="Hourly", short_words="hourly at :00", timezone="UTC", source="x.toml:1"
)


def entry(name: str, seconds: float | None = None, last: Run | None = None) -> TaskEntry:
    fire = None if seconds is None else NOW + timedelta(seconds=seconds)
    schedules = () if fire is None else (HOURLY,)
    status = TaskStatus(next_fire=fire, last=last)
    return TaskEntry(TaskView(name=name, schedules=schedules), status)


def ended(state: RunState, ago: float) -> Run:
    at = NOW - timedelta(seconds=ago)
    return Run(
        id=1,
        task="x",
        payload={},
        trigger=Trigger.MANUAL,
        state=state,
        queued_at=at,
        started_at=at,
        ended_at=at + timedelta(seconds=1.5),
    )


class CountingList(TaskList):
    """Counts the lines it draws."""

    drawn = 0

    def render_line(self, y: int) -> Strip:
        self.drawn += 1
        return super().render_line(y)


async def draw(stage: Stage[CountingList], entries: Sequence[TaskEntry]) -> None:
    stage.widget.show_tasks(entries, NOW, UTC)
    await stage.pilot.pause()
    stage.widget.drawn = 0


async def test_a_tick_draws_only_the_lines_that_look_different() -> None:
    many = [entry(f"task-{number:05}") for number in range(10_000)]
    many[3] = entry("task-00003", seconds=100)
    async with staged(CountingList()) as stage:
        await draw(stage, many)
        stage.widget.tick(NOW + timedelta(seconds=1))
        await stage.pilot.pause()
        assert stage.widget.drawn == 1
        assert "in 1:39" in stage.text


async def test_what_is_out_of_sight_is_not_drawn() -> None:
    async with staged(CountingList()) as stage:
        await draw(stage, [entry(f"task-{number:05}") for number in range(10_000)])
        stage.widget.update_entries([entry("task-09999", last=ended(RunState.FAILED, 5))])
        await stage.pilot.pause()
        assert stage.widget.drawn == 0
        await stage.press("end", "up")
        assert "✗ task-09999" in stage.text


async def test_keys_move_the_cursor_and_stop_at_both_ends() -> None:
    async with staged(CountingList()) as stage:
        await draw(stage, [entry(f"task-{number:03}") for number in range(100)])
        await stage.press("j", "down", "k")
        assert stage.widget.chosen.path == "task-001"
        await stage.press("up", "up", "up")
        assert stage.widget.chosen.path == "task-000"
        await stage.press("G", "up")
        assert stage.widget.chosen.path == "task-099"
        await stage.press("g", "pagedown")
        assert stage.widget.chosen.path == f"task-{stage.widget.size.height - 1:03}"


async def test_only_a_task_with_a_passed_fire_is_overdue() -> None:
    async with staged(CountingList()) as stage:
        await draw(stage, [entry("past", seconds=10), entry("coming", seconds=60), entry("none")])
        stage.widget.tick(NOW + timedelta(seconds=30))
        assert stage.widget.overdue() == ["past"]


def orders() -> Iterator[tuple[SortOrder, list[str]]]:
    yield SortOrder.NAME, ["a", "b", "c"]
    yield SortOrder.NEXT_FIRE, ["c", "a", "b"]
    yield SortOrder.LAST_RUN, ["b", "a", "c"]


@pytest.mark.parametrize(("order", "names"), orders())
async def test_tasks_stand_in_the_order_asked_for(order: SortOrder, names: list[str]) -> None:
    entries = [
        entry("a", seconds=100, last=ended(RunState.DONE, ago=60)),
        entry("b", last=ended(RunState.DONE, ago=5)),
        entry("c", seconds=5),
    ]
    async with staged(CountingList()) as stage:
        await draw(stage, entries)
        stage.widget.sort_by(order)
        assert [row.path for row in stage.widget.listing.rows[:-1]] == names


async def test_the_state_and_the_outcomes_are_told_by_shape() -> None:
    failed = entry("a", last=ended(RunState.FAILED, ago=5))
    outcomes = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)
    sparkling = replace(failed, status=replace(failed.status, outcomes=outcomes))
    async with staged(CountingList(), size=(140, 20)) as stage:
        await draw(stage, [sparkling])
        assert "✗ a" in stage.text
        assert "✗ 1.5s" in stage.text
        assert "▂█▅" in stage.text


async def test_names_of_wide_letters_keep_the_columns_in_line() -> None:
    async with staged(CountingList()) as stage:
        await draw(stage, [entry("数据:备份", seconds=39), entry("plain", seconds=39)])
        strips = stage.app.screen._compositor.render_strips()
        rows = [strip for strip in strips if "in 0:39" in strip.text]
        places = {cell_len(row.text.split("in 0:39")[0]) for row in rows}
        assert len(rows) == 2
        assert len(places) == 1


@pytest.mark.parametrize("order", SortOrder)
async def test_tasks_that_are_equal_otherwise_stand_by_their_numbers(order: SortOrder) -> None:
    async with staged(CountingList()) as stage:
        await draw(stage, [entry("t10"), entry("t2"), entry("t1")])
        stage.widget.sort_by(order)
        assert [row.path for row in stage.widget.listing.rows[:-1]] == ["t1", "t2", "t10"]


def active(*runs: Run) -> TaskEntry:
    return TaskEntry(TaskView(name="a"), TaskStatus(active=runs))


async def test_a_run_that_waits_counts_down_to_its_next_attempt() -> None:
    waiting = replace(
        ended(RunState.WAITING, ago=9), ended_at=None, next_attempt_at=NOW + timedelta(seconds=5)
    )
    table = TaskList()
    async with staged(table) as stage:
        table.show_tasks([active(waiting)], NOW, UTC)
        await stage.sees("↻ a", "↻ in 0:05")
        table.tick(NOW + timedelta(seconds=2))
        await stage.sees("↻ in 0:03")


async def test_runs_side_by_side_are_counted() -> None:
    running = replace(ended(RunState.RUNNING, ago=9), ended_at=None)
    table = TaskList()
    async with staged(table) as stage:
        table.show_tasks([active(running, running, running)], NOW, UTC)
        await stage.sees("◐ 3x 9.0s")


async def test_the_run_that_goes_on_stands_for_those_that_wait_behind_it() -> None:
    running = replace(ended(RunState.RUNNING, ago=9), ended_at=None)
    queued = replace(ended(RunState.QUEUED, ago=5), started_at=None, ended_at=None)
    table = TaskList()
    async with staged(table) as stage:
        table.show_tasks([active(running, queued, queued)], NOW, UTC)
        await stage.sees("◐ a", "◐ 3x 9.0s")


async def test_a_count_with_no_room_for_a_duration_is_not_cut() -> None:
    queued = replace(ended(RunState.QUEUED, ago=5), started_at=None, ended_at=None)
    table = TaskList()
    async with staged(table) as stage:
        table.show_tasks([active(*[queued] * 200)], NOW, UTC)
        await stage.sees("◌ 200x")
        assert "…" not in stage.text


def marked(table: TaskList) -> str:
    """What of the first line is marked as what a filter has found."""
    return "".join(one.text for one in table.render_line(0) if one.style and one.style.underline)


async def test_a_long_name_is_cut_in_the_middle_before_the_last_run_goes() -> None:
    table = TaskList()
    async with staged(table, (42, 10)) as stage:
        long = entry("send-reminders-to-those-who-forgot-eu", last=ended(RunState.FAILED, ago=5))
        table.show_tasks([long, entry("b")], NOW, UTC)
        await stage.sees("send-…ot-eu  —             ✗ 1.5s")
        table.filter_by("ot-eu")
        await stage.sees("send-…ot-eu")
        assert marked(table) == "ot-eu"
        table.filter_by("sremu")
        assert marked(table) == "s…u"


async def test_a_run_that_is_put_off_counts_as_the_next_fire_even_of_a_paused_task() -> None:
    once = NOW + timedelta(seconds=30)
    paused = replace(entry("b", 10).status, paused=True)
    entries = [
        replace(entry("a"), once=once),
        replace(entry("b", 10), status=paused, once=once),
        replace(entry("c", 10), once=once),
    ]
    table = TaskList()
    async with staged(table) as stage:
        table.show_tasks(entries, NOW, UTC)
        await stage.until(lambda: stage.text.count("in 0:30") == 2)
        assert stage.text.count("in 0:10") == 1
