"""Next fires reckoned from what a handle knows of tasks, beside those that an engine gives."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from support.engines import NOON
from support.events import Events
from support.project import Project
from taskengine import Engine
from taskengine.client.coming_fires import ComingFires
from taskengine.client.local import LocalHandle
from taskengine.client.views import ScheduleView, TaskView
from taskengine.testing import ManualClock

HOUR = timedelta(hours=1)


def view(name: str, *crons: str, delay: float = 0.0, timezone: str = "UTC") -> TaskView:
    schedules = tuple(
        ScheduleView(cron=cron, words="", short_words="", timezone=timezone, source="", delay=delay)
        for cron in crons
    )
    return TaskView(name=name, schedules=schedules)


class Now:
    """An instant that a test sets."""

    def __init__(self) -> None:
        self.instant = NOON

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def fires(now: Now) -> ComingFires:
    return ComingFires(now)


async def test_they_are_those_that_the_engine_gives(project: Project) -> None:
    project.write(
        "taskconsole.toml",
        """
        timezone = "Europe/Berlin"
        [scheduled_tasks]
        "*/7 * * * *" = ["a", {task = "b", payload = {x = 1}}]
        "@hourly" = "b"
        "0 0 1 1 * 2024" = "finished"
        """,
    )
    for name in ("a", "b", "finished", "none"):
        project.task(f"{name}.py", "return 1")
    project.task("c.py", "return 1", options="schedule=['0 30 * * * *', '0 5 * * *'], jitter=900")
    clock = ManualClock(NOON)
    engine = Engine(project.root, clock=clock)
    events = Events(engine)
    async with engine:
        await events.live()
        handle = LocalHandle(engine)
        fires = ComingFires(clock.now)
        await fires.prepare(handle.tasks())
        fires.take(handle.tasks())
        await handle.pause("b", "upgrade")
        delayed = await handle.run_later("none", {}, NOON + HOUR)

        for one in handle.tasks():
            assert fires.next_fire(one.name) == handle.task_status(one.name).next_fire
            assert fires.next_fires(one.name, 20) == handle.next_fires(one.name, 20)
            assert fires.next_schedule(one.name) == handle.next_schedule(one.name)
        assert fires.agenda(100, [delayed]) == handle.agenda(100)
        assert fires.next_fire("finished") is None
        assert fires.next_fire("unknown") is None
        assert fires.next_fires("unknown", 3) == ()
        assert fires.next_schedule("finished") is None
        assert fires.next_schedule("unknown") is None
        assert handle.next_schedule("unknown") is None


def test_they_move_on_with_the_time(fires: ComingFires, now: Now) -> None:
    fires.take([view("a", "0 * * * *", "30 * * * *"), view("b", "0 0 1 3 * 2026", "15 * * * *")])
    assert fires.next_fire("a") == NOON + HOUR / 2
    assert [fire.task for fire in fires.agenda(3)] == ["b", "a", "a"]

    now.instant = NOON + HOUR / 2
    assert fires.next_fire("a") == NOON + HOUR
    assert fires.next_fires("a", 2) == (NOON + HOUR, NOON + HOUR * 1.5)
    assert [fire.at for fire in fires.agenda(2)] == [NOON + HOUR, NOON + HOUR * 1.25]

    now.instant = NOON - 5 * HOUR  # the clock was corrected
    assert fires.next_fire("a") == NOON - 4.5 * HOUR
    assert fires.agenda(1)[0].at == NOON - 4.75 * HOUR


def test_a_delay_counts_from_the_instant_of_the_schedule(fires: ComingFires, now: Now) -> None:
    fires.take([view("a", "0 * * * *", delay=600.25)])
    late = timedelta(seconds=600.25)
    assert fires.next_fire("a") == NOON + late
    now.instant = NOON + late
    assert fires.next_fire("a") == NOON + HOUR + late


def test_tasks_come_go_and_change(fires: ComingFires) -> None:
    fires.take([view("b", "0 * * * *"), view("c", "0 * * * *")])
    assert fires.next_fire("b") == fires.next_fire("c") == NOON + HOUR

    fires.take([view("a", "0 * * * *", "0 * * * *"), view("b", "30 * * * *"), view("c", "@hourly")])
    assert [fires.next_fire(name) for name in "abc"] == [NOON + HOUR, NOON + HOUR / 2, NOON + HOUR]
    assert [fire.task for fire in fires.agenda(4)] == ["b", "a", "c", "b"]

    fires.take([])
    assert fires.next_fire("a") is None
    assert fires.agenda(4) == ()


def test_what_can_not_be_read_here_never_fires(fires: ComingFires) -> None:
    unknown = view("b", "0 * * * *", timezone="Mars/Olympus")
    fires.take([view("a", "every now and then", "@hourly"), unknown])
    assert fires.next_fires("a", 1) == (NOON + HOUR,)
    assert fires.next_fire("b") is None


async def test_ten_thousand_tasks_are_asked_for_on_every_tick(fires: ComingFires, now: Now) -> None:
    tasks = [view(f"t{number:05}", f"{number % 60} * * * *") for number in range(10_000)]
    await fires.prepare(tasks)
    fires.take(tasks)
    fires.take([replace(task) for task in tasks])

    for minute in range(3):
        now.instant = NOON + timedelta(minutes=minute)
        assert fires.next_fire("t00000") == NOON + HOUR
        nexts = {fires.next_fire(task.name) for task in tasks}
        assert min(filter(None, nexts)) == now.instant + timedelta(minutes=1)
        assert len(fires.agenda(500)) == 500


def test_the_schedule_that_fires_next_is_known_by_its_place(now: Now, fires: ComingFires) -> None:
    other, two = view("a", "0 0 * * *"), view("b", "0 18 * * *", "0 15 * * *")
    fires.take([other, two])
    assert fires.next_schedule("b") is two.schedules[1]
    now.instant += 4 * HOUR
    assert fires.next_schedule("b") is two.schedules[0]


def test_a_task_that_was_asked_for_before_it_came_fires_all_the_same(
    fires: ComingFires,
) -> None:
    assert fires.next_fires("late", 1) == ()
    fires.take([view("late", "0 * * * *")])
    assert fires.next_fire("late") == NOON + HOUR
