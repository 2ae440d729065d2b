"""The same promises of every kind of handle: one in this process, over a socket, over a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from support.engines import NOON
from support.events import SOON
from support.project import Project
from support.reached import Heard, Way, facts, living, reached, soon, texts
from support.restarts import held_up, let_go
from taskengine import (
    Engine,
    InvalidPayload,
    RunQuery,
    RunState,
    TaskNotFound,
    TaskNotImplemented,
    TaskSkipped,
    Trigger,
)
from taskengine.client.handle import Handle
from taskengine.client.local import LocalHandle
from taskengine.errors import MissedFiresNotFound, RunNotFound
from taskengine.events import (
    CatalogChanged,
    EngineState,
    FireMissed,
    PresetsChanged,
    ProblemCleared,
    ProblemRaised,
    RunEnded,
    RunJoined,
    RunProgressed,
    RunQueued,
    RunStarted,
    RunStopping,
    SchedulePaused,
    ScheduleResumed,
)
from taskengine.records import FireOutcome, StateKind
from taskengine.testing import ManualClock

WAYS = (Way.LOCAL, Way.SOCKET, pytest.param(Way.NETWORK, marks=pytest.mark.slow))
pytestmark = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name.lower())


@pytest.fixture(autouse=True)
def _all_the_time_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is seen by whoever did it, however slow the machine is."""
    monkeypatch.setattr("taskengine.client.remote.handle.SEEN_WITHIN", SOON)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon, UTC."""
    return ManualClock(NOON)


@pytest.fixture
def engine(project: Project, clock: ManualClock) -> Engine:
    """An engine on the test's project, in UTC, not started yet."""
    project.write("taskconsole.toml", 'timezone = "UTC"\n[tasks.nothing]\ndescription = "None"\n')
    return Engine(project.root, clock=clock)


@asynccontextmanager
async def handle_of(engine: Engine, way: Way) -> AsyncIterator[tuple[Handle, Heard]]:
    """A handle; at the end it knows the same as one that is in the engine's process."""
    async with living(engine), reached(engine, way) as (handle, heard):
        yield handle, heard
        await soon(lambda: facts(handle) == facts(LocalHandle(engine)))


async def test_what_there_is_is_known_at_once(project: Project, engine: Engine, way: Way) -> None:
    project.task(
        "db/clean up.py",
        "return 1",
        options="description='Clean', schedule=['0 * * * *', '@daily'], retries=3",
    )
    project.write("tasks/broken.py", "import nothing_of_that_name\nfrom taskengine import task\n")
    async with handle_of(engine, way) as (handle, heard):
        assert [view.name for view in handle.tasks()] == ["broken", "db:clean up", "nothing"]
        view = handle.task("db:clean up")
        assert view is not None
        assert (view.description, view.line) == ("Clean", 5)
        assert handle.task("unknown") is None
        assert handle.task_status("unknown").last is None
        assert handle.task_status("db:clean up").next_fire == NOON + timedelta(hours=1)
        assert handle.status.state is EngineState.LIVE
        assert handle.status.root == project.root
        assert handle.now() == NOON
        assert (await handle.source("db:clean up")).line == 5
        with pytest.raises(TaskNotFound):
            await handle.source("unknown")
        [problem] = [one for one in handle.problems() if one.task == "broken"]

        project.task("broken.py", "return 2", options="schedule='5 * * * *'")
        project.task("another.py", "return 3")
        (project.root / "tasks/db/clean up.py").unlink()
        assert (await heard.next(ProblemCleared)).problem == problem
        await heard.until(
            lambda: [view.name for view in handle.tasks()][-2:] == ["broken", "nothing"]
        )
        await heard.until(lambda: handle.task("another") is not None)
        assert handle.task_status("broken").next_fire == NOON + timedelta(minutes=5)
        assert {"another"} <= {name for one in heard.of(CatalogChanged) for name in one.added}
        project.write("taskconsole.toml", 'timezone = "Mars/Olympus"\n')
        assert "Mars" in (await heard.next(ProblemRaised)).problem.message


async def test_runs_are_begun_waited_for_and_found(
    project: Project, engine: Engine, way: Way
) -> None:
    project.task(
        "job.py",
        """
        print("the first line")
        print("The SECOND one: é\\x1f\\x1b[1m")
        print("no end", end="")
        if event.payload.get("fails"):
            raise ValueError("as it was told")
        return event.payload
        """,
    )
    async with handle_of(engine, way) as (handle, heard):
        run = await handle.start_run("job", {"a": [1, None, "ü"]})
        over = await handle.wait(run.id)
        failed = await handle.wait((await handle.start_run("job", {"fails": True})).id)
        again = await handle.rerun(run.id)
        await handle.wait(again.id)

        assert (run.trigger, over.state, over.result) == (
            Trigger.MANUAL,
            RunState.DONE,
            {"a": [1, None, "ü"]},
        )
        assert failed.error is not None
        assert (failed.error.type, failed.error.message) == ("ValueError", "as it was told")
        assert (again.trigger, again.rerun_of) == (Trigger.RERUN, run.id)
        assert handle.run(run.id) == await handle.find_run(run.id) == over
        await heard.until(lambda: len(heard.of(RunEnded)) == 3)
        assert [event.run.id for event in heard.of(RunQueued)] == [run.id, failed.id, again.id]
        status = handle.task_status("job")
        assert status.outcomes == (RunState.DONE, RunState.FAILED, RunState.DONE)
        assert status.last is not None
        assert status.last.id == again.id
        assert handle.statistics("job").counts == {RunState.DONE: 2, RunState.FAILED: 1}

        first = await handle.runs(RunQuery(task="job"), limit=2)
        rest = await handle.runs(RunQuery(task="job"), before=first.before, limit=2)
        assert [one.id for one in (*first.runs, *rest.runs)] == [again.id, failed.id, run.id]
        states = RunQuery(states=frozenset({RunState.FAILED, RunState.CRASHED}), since=NOON)
        assert [one.id for one in (await handle.runs(states)).runs] == [failed.id]
        assert list(await handle.past_payloads("job")) == [{"a": [1, None, "ü"]}, {"fails": True}]

        output = handle.output(run.id)
        assert await texts(output) == [
            "the first line",
            "The SECOND one: é\x1f\x1b[1m",
            "no end",
        ]
        found = [line async for batch in handle.search_output(run.id, "second") for line in batch]
        assert found == [1]


async def test_what_can_not_be_done_says_so(project: Project, engine: Engine, way: Way) -> None:
    project.write(
        "tasks/typed.py",
        """
        from dataclasses import dataclass
        from taskengine import TaskEvent, task

        @dataclass
        class Mail:
            to: str
            copies: int = 1

        @task
        def run(event: TaskEvent[Mail]):
            return event.payload.to
        """,
    )
    held_up(project, "held.py", options="concurrency='skip'")
    async with handle_of(engine, way) as (handle, _):
        with pytest.raises(TaskNotFound, match="`no` is not available") as unknown:
            await handle.start_run("no", {})
        assert unknown.value.name == "no"
        with pytest.raises(TaskNotImplemented):
            await handle.start_run("nothing", {})
        with pytest.raises(InvalidPayload) as invalid:
            await handle.start_run("typed", {"copies": "two"})
        faults = tuple(invalid.value.faults)
        assert {fault.path for fault in faults} == {"to", "copies"}
        assert tuple(await handle.check_payload("typed", {"copies": "two"})) == faults
        assert tuple(await handle.check_payload("typed", {"to": "me"})) == ()
        going_on = await handle.start_run("held", {})
        with pytest.raises(TaskSkipped, match=f"run #{going_on.id} is going on") as skipped:
            await handle.start_run("held", {})
        assert skipped.value.running_id == going_on.id
        with pytest.raises(RunNotFound):
            await handle.wait(4_711)
        with pytest.raises(RunNotFound):
            await handle.rerun(4_711)
        assert await handle.find_run(4_711) is None
        assert handle.run(4_711) is None
        with pytest.raises(MissedFiresNotFound):
            await handle.run_missed(4_711)
        assert not await handle.dismiss_missed(4_711)
        assert not await handle.cancel_delayed(4_711)
        with pytest.raises(TaskNotFound):
            await handle.pause("no")
        with pytest.raises(ValueError, match="naive"):
            await handle.run_later("typed", {"to": "me"}, NOON.replace(tzinfo=None))


async def test_a_run_that_goes_on_is_followed_to_its_end(
    project: Project, engine: Engine, way: Way
) -> None:
    held_up(project, "held.py", options="concurrency='join'")
    project.task(
        "steps.py",
        """
        import asyncio
        event.context.progress(1, 3, "one")
        await asyncio.Event().wait()
        """,
    )
    async with handle_of(engine, way) as (handle, heard):
        run = await handle.start_run("held", {"n": 1})
        assert [one.id for one in handle.active_runs()] == [run.id]
        assert [one.id for one in handle.task_status("held").active] == [run.id]
        joined = await handle.start_run("held", {"n": 2})
        assert joined.id == run.id
        assert not (await heard.next(RunJoined)).caller.payload_used
        output = handle.output(run.id)
        assert output is not None
        await soon(lambda: output.extent.total == 1)
        assert await texts(output) == ["it waits"]

        steps = await handle.start_run("steps", {})
        progress = (await heard.next(RunProgressed)).run.progress
        assert progress is not None
        assert (progress.done, progress.total, progress.message) == (1, 3, "one")
        assert await handle.cancel_run(run.id)
        assert await handle.cancel_run(steps.id)
        ended = {(await handle.wait(one.id)).state for one in (run, steps)}
        assert ended == {RunState.CANCELLED}
        assert not await handle.cancel_run(run.id)
        await heard.until(lambda: len(heard.of(RunEnded)) == 2)
        assert handle.active_runs() == ()
        assert len(heard.of(RunStarted)) == 2
        assert {event.run.id for event in heard.of(RunStopping)} <= {run.id, steps.id}


async def test_schedules_are_paused_and_what_comes_is_known(
    project: Project, engine: Engine, clock: ManualClock, way: Way
) -> None:
    project.task("job.py", "return 1", options="schedule='0 * * * *', catch_up='skip'")
    hour = timedelta(hours=1)
    async with handle_of(engine, way) as (handle, heard):
        await handle.pause("job", "an upgrade: ü")
        status = handle.task_status("job")
        assert (status.paused, status.pause_reason) == (True, "an upgrade: ü")
        assert (await heard.next(SchedulePaused)).reason == "an upgrade: ü"
        await handle.resume("job")
        assert not handle.task_status("job").paused
        await heard.next(ScheduleResumed)

        delayed = await handle.run_later("job", {"n": 1}, NOON + hour / 2)
        assert handle.delayed_runs() == (delayed,)
        assert [(fire.at, fire.kind) for fire in handle.agenda(2)] == [
            (NOON + hour / 2, Trigger.DELAYED),
            (NOON + hour, Trigger.SCHEDULE),
        ]
        assert await handle.cancel_delayed(delayed.id)
        assert handle.delayed_runs() == ()

        await handle.set_scheduling(on=False)
        assert not handle.status.scheduling
        await handle.set_scheduling(on=True)
        assert handle.status.scheduling

        clock.advance(1.5 * 3600)
        await heard.next(FireMissed)
        [missed] = handle.missed_fires()
        assert (missed.task, missed.last) == ("job", NOON + hour)
        run = await handle.run_missed(missed.id)
        assert handle.missed_fires() == ()
        assert (await handle.wait(run.id)).scheduled_time == NOON + hour
        assert handle.next_fires("job", 2) == (NOON + 2 * hour, NOON + 3 * hour)
        [fire] = await handle.past_fires("job")
        assert (fire.outcome, fire.run_id) == (FireOutcome.MADE_UP, run.id)


async def test_texts_are_kept_and_a_first_task_is_written(
    project: Project, engine: Engine, way: Way
) -> None:
    async with handle_of(engine, way) as (handle, heard):
        await handle.keep(StateKind.DRAFT, "a/b:c d%", "{\n")
        await handle.keep(StateKind.DRAFT, "other", "{}")
        await handle.keep(StateKind.DRAFT, "other", None)
        assert handle.kept(StateKind.DRAFT) == {"a/b:c d%": "{\n"}
        assert handle.kept(StateKind.PRESET) == {}
        await asyncio.gather(*(handle.keep(StateKind.DRAFT, "t", f"{n}") for n in range(10)))
        assert handle.kept(StateKind.DRAFT)["t"] == "9"
        assert LocalHandle(engine).kept(StateKind.DRAFT)["t"] == "9"
        await handle.keep(StateKind.PRESET, "usual", "{}")
        assert handle.kept(StateKind.PRESET) == {"usual": "{}"}
        await LocalHandle(engine).keep(StateKind.PRESET, "usual", None)
        await heard.until(lambda: len(heard.of(PresetsChanged)) == 2)
        assert [one.text for one in heard.of(PresetsChanged)] == ["{}", None]
        assert handle.kept(StateKind.PRESET) == {}

        path = await handle.create_example()
        assert path == project.root / "tasks/hello.py"
        await heard.until(lambda: handle.task("hello") is not None)
        run = await handle.wait((await handle.start_run("hello", {"name": "Ada"})).id)
        assert run.result == "greeted Ada"
        with pytest.raises(FileExistsError):
            await handle.create_example()


async def test_what_is_large_comes_when_it_is_asked_for(
    project: Project, engine: Engine, way: Way
) -> None:
    project.task("large.py", "return 'r' * 100_000")
    held_up(project, "held.py")
    payload = {"text": "p" * 100_000}
    async with handle_of(engine, way) as (handle, heard):
        run = await handle.start_run("large", payload)
        over = await handle.wait(run.id)
        assert over == await handle.find_run(run.id) == handle.run(run.id)
        assert (over.payload, over.result) == (payload, "r" * 100_000)
        held = await handle.start_run("held", payload)
        assert (await handle.find_run(held.id) or held).payload == payload
        known = handle.run(held.id)
        assert known is not None
        assert known.payload == payload
        await handle.cancel_run(held.id)
        await handle.wait(held.id)
        let_go(project)
        # Handles elsewhere know the last run without what is large; so that all know the same:
        for name in ("large", "held"):
            await handle.wait((await handle.start_run(name, {})).id)
        project.task("large.py", "return 'small'")
        await heard.next(CatalogChanged)
        await handle.wait((await handle.start_run("large", {})).id)
