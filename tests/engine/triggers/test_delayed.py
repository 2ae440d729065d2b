"""Runs that were put off to an instant."""

import asyncio
import threading
from datetime import datetime, timedelta, timezone

import pytest

from support.engines import NOON, StartEngine, notes
from support.project import Project
from taskengine import InvalidPayload, RunState, TaskNotFound, TaskNotImplemented, Trigger
from taskengine.events import CatalogChanged, DelayedRunEnded, Event, RunDelayed, RunEnded
from taskengine.history.memory import MemoryHistory
from taskengine.history.memory_fires import MemoryFires
from taskengine.testing import ManualClock

HOUR = timedelta(hours=1)
TYPED = """
    from dataclasses import dataclass

    from taskengine import TaskEvent, task


    @dataclass
    class Letter:
        to: str


    @task
    async def run(event: TaskEvent[Letter]):
        return event.payload.to
"""


@pytest.fixture(autouse=True)
def job(project: Project) -> None:
    """A task that gives back its payload."""
    project.task("job.py", "return event.payload")


async def test_it_runs_once_when_its_instant_has_come(
    clock: ManualClock, start: StartEngine
) -> None:
    engine, events = await start()
    delayed = await engine.run_at(NOON + HOUR, "job", {"n": 1})
    assert engine.delayed_runs() == (delayed,)
    clock.advance(3600)

    ended = await events.next(DelayedRunEnded)
    assert ended.run_id is not None
    run = await engine.wait(ended.run_id)

    assert (run.trigger, run.scheduled_time) == (Trigger.DELAYED, NOON + HOUR)
    assert (run.payload, run.result) == ({"n": 1}, {"n": 1})
    assert (ended.delayed, engine.delayed_runs()) == (delayed, ())
    assert [event.delayed for event in events.of(RunDelayed)] == [delayed]


@pytest.mark.parametrize("delay", [5400, 5400.0, "1h30m"])
async def test_a_time_from_now_is_seconds_or_text(delay: float | str, start: StartEngine) -> None:
    engine, _ = await start()

    assert (await engine.run_after(delay, "job")).at == NOON + 1.5 * HOUR


@pytest.mark.parametrize("delay", [-1, float("nan"), float("inf"), 1e300, "soon", ""])
async def test_what_is_no_time_is_refused(delay: float | str, start: StartEngine) -> None:
    engine, _ = await start()

    with pytest.raises(ValueError, match=r"no time|no duration|calendar"):
        await engine.run_after(delay, "job")


async def test_an_instant_without_a_zone_is_refused(start: StartEngine) -> None:
    engine, _ = await start()

    with pytest.raises(ValueError, match="is naive: say in which zone it is"):
        await engine.run_at(datetime(2026, 3, 1, 13), "job")  # noqa: DTZ001 - that is the point


async def test_an_instant_beyond_the_calendar_is_refused(start: StartEngine) -> None:
    engine, _ = await start()

    with pytest.raises(ValueError, match="is beyond the calendar in UTC"):
        await engine.run_at(datetime.max.replace(tzinfo=timezone(-HOUR)), "job")


async def test_instants_of_every_zone_are_kept_in_utc(start: StartEngine) -> None:
    engine, _ = await start()
    instant = (NOON + HOUR).astimezone(timezone(timedelta(hours=5)))

    assert (await engine.run_at(instant, "job")).at.isoformat() == "2026-03-01T13:00:00+00:00"


async def test_task_and_payload_are_checked_when_it_is_put_off(
    project: Project, start: StartEngine
) -> None:
    project.write("tasks/letter.py", TYPED)
    project.write("taskconsole.toml", "[tasks.empty]")
    engine, _ = await start()

    with pytest.raises(TaskNotFound):
        await engine.run_after(60, "nothing")
    with pytest.raises(TaskNotImplemented):
        await engine.run_after(60, "empty")
    with pytest.raises(InvalidPayload, match=r"payload\.when"):
        await engine.run_after(60, "job", {"when": NOON})
    with pytest.raises(InvalidPayload) as refused:
        await engine.run_after(60, "letter", {})

    assert [fault.path for fault in refused.value.faults] == ["to"]
    assert engine.delayed_runs() == ()


async def test_one_whose_instant_has_passed_runs_at_once(start: StartEngine) -> None:
    engine, events = await start()
    await engine.run_at(NOON - 24 * HOUR, "job")

    assert (await events.next(RunEnded)).run.scheduled_time == NOON - 24 * HOUR


async def test_after_a_suspend_it_runs_late(clock: ManualClock, start: StartEngine) -> None:
    engine, events = await start()
    await engine.run_after(60, "job")
    clock.advance(3 * 86_400)

    assert (await events.next(RunEnded)).run.lateness == timedelta(days=3) - timedelta(minutes=1)


async def test_those_of_one_task_begin_in_the_order_of_their_instants(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("line.py", "return event.payload['n']", options="concurrency='queue'")
    engine, events = await start()
    for n in (3, 1, 2):
        await engine.run_after(n, "line", {"n": n})
    clock.advance(60)

    assert [(await events.next(RunEnded)).run.result for _ in range(3)] == [1, 2, 3]


async def test_it_can_be_called_off_once(clock: ManualClock, start: StartEngine) -> None:
    engine, events = await start()
    called_off = await engine.run_after(60, "job", {"n": 1})
    await engine.run_after(60, "job", {"n": 2})

    assert await engine.cancel_delayed(called_off.id)
    assert not await engine.cancel_delayed(called_off.id)
    assert (await events.next(DelayedRunEnded)).run_id is None
    clock.advance(60)

    assert (await events.next(RunEnded)).run.payload == {"n": 2}


async def test_while_scheduling_is_off_it_waits(clock: ManualClock, start: StartEngine) -> None:
    engine, events = await start(scheduler=False)
    delayed = await engine.run_after(60, "job")
    clock.advance(3600)
    run = await engine.wait((await engine.start_run("job")).id)
    assert (run.trigger, engine.delayed_runs()) == (Trigger.API, (delayed,))

    await engine.set_scheduling(on=True)

    await events.next(RunEnded, lambda event: event.run.trigger is Trigger.DELAYED)


async def test_it_outlives_its_engine(clock: ManualClock, start: StartEngine) -> None:
    first, _ = await start()
    delayed = await first.run_after(60, "job", {"n": 1})
    await first.stop()
    clock.advance(3600)

    second, events = await start()

    assert (await events.next(DelayedRunEnded)).delayed == delayed
    assert second.delayed_runs() == ()


async def test_it_survives_a_reload_and_runs_the_new_code(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    engine, events = await start()
    await engine.run_after(60, "job")
    project.task("job.py", "return 'new'")
    await events.next(CatalogChanged, lambda event: "job" in event.changed)
    clock.advance(60)

    assert (await events.next(RunEnded)).run.result == "new"


async def test_one_whose_task_is_gone_is_told_of(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    engine, events = await start()
    await engine.run_after(60, "job")
    (project.root / "tasks/job.py").unlink()
    await events.next(CatalogChanged, lambda event: "job" in event.removed)
    clock.advance(60)

    assert (await events.next(DelayedRunEnded)).run_id is None
    assert notes(engine) == [
        "job, put off to 2026-03-01 12:01:00 UTC, did not run: Task `job` is not available!"
    ]


async def test_one_of_a_task_that_runs_already_joins_that_run(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task(
        "busy.py", "import asyncio\nawait asyncio.Event().wait()", options="concurrency='join'"
    )
    engine, events = await start()
    busy = await engine.start_run("busy")
    await engine.run_after(60, "busy")
    clock.advance(60)

    assert (await events.next(DelayedRunEnded)).run_id == busy.id
    await engine.cancel_run(busy.id)
    assert (await engine.wait(busy.id)).state is RunState.CANCELLED


class FullFires(MemoryFires):
    """Fires of a history that can't let its first delayed run be taken."""

    async def take_delayed(self, delayed_id: int) -> bool:
        if delayed_id == 1:
            raise OSError("disk is full")
        return await super().take_delayed(delayed_id)


async def test_one_that_the_history_can_not_let_be_taken_keeps_no_other_back(
    clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = FullFires()
    engine, events = await start()
    stuck = await engine.run_after(60, "job", {"n": 1})
    await engine.run_after(60, "job", {"n": 2})
    clock.advance(60)

    assert (await events.next(RunEnded)).run.payload == {"n": 2}
    assert engine.delayed_runs() == (stuck,)
    assert notes(engine) == [
        "job, put off to 2026-03-01 12:01:00 UTC, is left to the next engine: disk is full"
    ]


class FaithfulFires(MemoryFires):
    """Fires of a history that remembers what was taken, and can't forget it."""

    async def take_delayed(self, delayed_id: int) -> bool:
        return any(one.id == delayed_id for one in self.delayed())

    async def forget_delayed(self, delayed_id: int) -> bool:
        raise OSError("disk is full")


async def test_one_that_has_begun_and_can_not_be_forgotten_is_told_of(
    clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = FaithfulFires()
    engine, events = await start()
    await engine.run_after(60, "job")
    clock.advance(60)

    run_id = (await events.next(DelayedRunEnded)).run_id
    assert run_id is not None
    assert (await engine.wait(run_id)).state is RunState.DONE
    assert notes(engine) == ["job, put off to 2026-03-01 12:01:00 UTC, is still kept: disk is full"]


class SlowFires(MemoryFires):
    """Fires of a history that takes its time to let a delayed run be taken."""

    def __init__(self) -> None:
        super().__init__()
        self.is_taken = threading.Event()
        self.may_return = asyncio.Event()  # on the engine's loop

    async def take_delayed(self, delayed_id: int) -> bool:
        is_taken = await super().take_delayed(delayed_id)
        self.is_taken.set()
        await self.may_return.wait()
        return is_taken


async def test_one_that_is_due_while_the_engine_stops_is_left_to_the_next(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = fires = SlowFires()
    project.task("busy.py", "import asyncio\nawait asyncio.Event().wait()")
    engine, events = await start()
    await engine.start_run("busy")
    delayed = await engine.run_after(60, "job")
    clock.advance(60)
    await asyncio.to_thread(fires.is_taken.wait)

    def let_return(event: Event) -> None:
        if isinstance(event, RunEnded):  # by then the engine has begun to stop
            fires.may_return.set()

    engine.subscribe(let_return)
    await engine.stop(grace=0)

    assert engine.delayed_runs() == (delayed,)
    assert [event.run.task for event in events.of(RunEnded)] == ["busy"]
