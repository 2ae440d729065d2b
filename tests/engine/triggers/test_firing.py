"""What becomes of a fire: its claim, its payload, its place in the line."""

import asyncio
import sys
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from support.engines import NOON, StartEngine, notes
from support.project import Project
from taskengine.events import EngineState, RunEnded
from taskengine.history.memory import MemoryHistory
from taskengine.history.memory_fires import MemoryFires
from taskengine.records import FireOutcome
from taskengine.testing import ManualClock

HOUR = timedelta(hours=1)
TYPED = """
    from dataclasses import dataclass

    from taskengine import Schedule, TaskEvent, task


    @dataclass
    class Report:
        {fields}


    @task(schedule=Schedule("0 * * * *", payload={payload}), concurrency="queue")
    async def run(event: TaskEvent[Report]):
        return repr(event.payload)
"""


def typed(project: Project, fields: str, payload: str) -> None:
    project.write("tasks/report.py", TYPED.format(fields=fields, payload=payload))


async def test_a_typed_payload_without_the_field_is_not_given_the_instant(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    typed(project, "to: str", {"to": "all"}.__repr__())
    _, events = await start()
    clock.advance(3600)

    run = (await events.next(RunEnded)).run

    assert (run.payload, run.result) == ({"to": "all"}, "Report(to='all')")
    assert run.scheduled_time == NOON + HOUR


async def test_a_typed_payload_with_the_field_is_given_the_instant(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    typed(project, "scheduledTime: int", "{}")
    _, events = await start()
    clock.advance(3600)

    milliseconds = int((NOON + HOUR).timestamp() * 1000)
    assert (await events.next(RunEnded)).run.result == f"Report(scheduledTime={milliseconds})"


async def test_a_payload_that_its_type_refuses_is_told_with_the_schedules_place(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    typed(project, "to: str", "{}")
    project.write(
        "taskconsole.toml",
        """
        timezone = "UTC"
        [scheduled_tasks]
        "1 * * * *" = { task = "report", payload = { to = "all" } }
        """,
    )
    engine, events = await start()
    clock.advance(3660)
    await events.next(RunEnded)

    [note] = notes(engine)
    assert note.startswith("report by '0 * * * *' (tasks/report.py:")
    assert "could not be fired at 13:00:00 UTC: " in note


async def test_fires_of_a_task_begin_in_order_even_where_its_payload_is_checked(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    typed(project, "scheduledTime: int", "{}")
    project.write("taskconsole.toml", 'timezone = "UTC"\n[tasks.report]\ncatch_up = "all"')
    _, events = await start()
    clock.advance(20.5 * 3600)

    runs = [(await events.next(RunEnded)).run for _ in range(20)]

    assert [run.scheduled_time for run in runs] == [NOON + n * HOUR for n in range(1, 21)]


async def test_jitter_puts_off_the_run_but_not_its_scheduled_time(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.task("late.py", "return 1", options="schedule='0 * * * *', jitter='30m'")
    engine, events = await start()
    due = engine.next_fire("late")
    assert due is not None
    assert NOON + HOUR < due < NOON + 1.5 * HOUR
    clock.set(due - timedelta(milliseconds=1))
    clock.set(due)

    run = (await events.next(RunEnded)).run

    assert (run.scheduled_time, run.queued_at) == (NOON + HOUR, due)
    assert run.payload == {"scheduledTime": int((NOON + HOUR).timestamp() * 1000)}
    assert engine.next_fire("late") == due + HOUR


async def test_every_schedule_of_a_task_has_its_own_zone_and_payload(
    project: Project, clock: ManualClock, start: StartEngine
) -> None:
    project.write(
        "tasks/report.py",
        """
        from taskengine import Schedule, TaskEvent, task

        @task(
            schedule=[
                Schedule("0 13 * * *", payload={"to": "Iceland"}),
                Schedule("0 13 * * *", timezone="Asia/Tokyo", payload={"to": "Japan"}),
            ]
        )
        async def run(event: TaskEvent):
            return event.payload["to"]
        """,
    )
    _, events = await start()

    fired = []
    for hours in (1, 15):
        clock.advance(hours * 3600)
        fired.append((await events.next(RunEnded)).run)

    assert [(run.result, run.scheduled_time) for run in fired] == [
        ("Iceland", NOON + HOUR),
        ("Japan", NOON + 16 * HOUR),
    ]


class HeardFires(MemoryFires):
    """Fires of a history that tells when it has kept the run of one."""

    def __init__(self, history: MemoryHistory) -> None:
        super().__init__(lambda run_id: run.state if (run := history.run(run_id)) else None)
        self.fired: SimpleQueue[int] = SimpleQueue()

    def keep_fired(self, schedule: str, at: datetime, run_id: int) -> None:
        super().keep_fired(schedule, at, run_id)
        self.fired.put(run_id)


async def test_it_is_kept_which_run_a_fire_has_begun_or_why_it_has_not(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = fires = HeardFires(history)
    body = "import asyncio\nawait asyncio.Event().wait()"
    project.task("busy.py", body, options="schedule='0 * * * *', concurrency='skip'")
    engine, _ = await start()
    runs = []
    for _ in range(2):
        clock.advance(3600)
        runs.append(await asyncio.to_thread(fires.fired.get, timeout=60))
    await engine.cancel_run(runs[0])  # or the engine would wait for it before it stops

    past = await fires.past("busy", 10)

    assert [(one.at, one.outcome, one.run_id) for one in past] == [
        (NOON + 2 * HOUR, FireOutcome.SKIPPED, runs[1]),
        (NOON + HOUR, FireOutcome.FIRED, runs[0]),
    ]


class FullFires(MemoryFires):
    """Fires of a history that keeps no claim of the schedule that asks first."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        if not self.refused:
            self.refused.add(schedule)
        if schedule in self.refused:
            raise OSError("disk is full")
        return await super().claim(schedule, at, task)


async def test_a_fire_that_can_not_be_claimed_does_not_run_and_is_told_of(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = FullFires()
    project.task("first.py", "return 1", options="schedule='0 * * * *'")
    project.task("second.py", "return 1", options="schedule='0 * * * *'")
    engine, events = await start()
    clock.advance(3600)

    assert (await events.next(RunEnded)).run.task == "second"
    [note] = notes(engine)
    assert note.startswith("first by '0 * * * *' (tasks/first.py:4) was not fired, for that could")
    assert note.endswith("OSError: disk is full")


async def test_a_fire_that_is_due_when_the_engine_stops_is_kept_as_missed(
    project: Project,
    clock: ManualClock,
    history: MemoryHistory,
    start: StartEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, leave = threading.Event(), threading.Event()
    monkeypatch.setitem(sys.modules, "gate", SimpleNamespace(asked=asked, leave=leave))
    project.write(
        "tasks/slow.py",
        """
        import gate

        from taskengine import TaskEvent, task

        def key(payload):
            gate.asked.set()
            gate.leave.wait()

        @task(schedule="0 * * * *", catch_up="all", key=key)
        async def run(event: TaskEvent):
            return 1
        """,
    )
    engine, _ = await start()
    clock.advance(3.5 * 3600)
    await asyncio.to_thread(asked.wait)
    await engine.stop(grace=0)
    leave.set()

    assert [one.last for one in engine.missed_fires()] == [NOON + n * HOUR for n in (1, 2, 3)]
    assert history.recent(None, 10) == []


class SlowFires(MemoryFires):
    """Fires of a history that takes its time over a claim."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.leave = threading.Event()

    async def claim(self, schedule: str, at: datetime, task: str) -> bool:
        claimed = await super().claim(schedule, at, task)
        self.asked.set()
        await asyncio.to_thread(self.leave.wait)
        return claimed


async def test_a_fire_that_is_claimed_while_the_engine_stops_is_not_lost(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = fires = SlowFires()
    project.task("job.py", "return 1", options="schedule='0 * * * *'")
    engine, events = await start()
    clock.advance(3600)
    await asyncio.to_thread(fires.asked.wait)
    stopping = asyncio.create_task(engine.stop(grace=0))
    await events.state(EngineState.STOPPING)
    fires.leave.set()
    await stopping

    fired = [run.scheduled_time for run in history.recent("job", 10)]
    assert [*fired, *(one.last for one in engine.missed_fires())] == [NOON + HOUR]


class BlindFires(MemoryFires):
    """Fires of a history that can't keep how far schedules have come."""

    async def note_looks(self, looks: Mapping[str, datetime | None]) -> None:
        raise OSError("disk is full")


async def test_schedules_fire_where_it_can_not_be_kept_how_far_they_have_come(
    project: Project, clock: ManualClock, history: MemoryHistory, start: StartEngine
) -> None:
    history.fires = BlindFires()
    project.task("job.py", "return 1", options="schedule='0 * * * *'")
    engine, events = await start()
    clock.advance(3600)

    assert (await events.next(RunEnded)).run.task == "job"
    assert notes(engine) == ["how far schedules have come could not be kept: OSError: disk is full"]
