"""What an engine finds of those that were killed, and what it leaves to those that live."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from support.programs import running
from support.recording import Recording, ended, recording
from support.stores import HASTE
from taskengine.history.sqlite.recovery import recover
from taskengine.output import OutputBuffer
from taskengine.records import RunQuery
from taskengine.run import Run, RunError, RunState, Trigger
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KilledAt: TypeAlias = Callable[[str], tuple[Path, int]]
SETUP = """
import asyncio, sqlite3, sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.output import OutputBuffer, OutputKind, OutputLine
from taskengine.run import DelayedRun, Progress, Run, RunError, RunState, Trigger
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
clock = ManualClock(NOON)
history = ProjectHistory(Path(sys.argv[1]), exclusive=len(sys.argv) < 3, clock=clock)
fires = history.fires

def run_of(**facts):
    plain = dict(task="job", payload={"n": 1}, trigger=Trigger.MANUAL, queued_at=NOON)
    plain["state"] = RunState.QUEUED
    return Run(id=history.next_id(), **{**plain, **facts})

async def begin(output=None, begins=True, **facts):
    run = run_of(**facts)
    await history.keep_queued(run, output or OutputBuffer(), begins=begins)
    return run

async def delay(at):
    later = DelayedRun(id=fires.next_id(), task="job", payload={}, at=at, created_at=NOON)
    await fires.keep_delayed(later)
    return later

async def stored(lines):
    with closing(sqlite3.connect(history.path)) as file:
        while file.execute("SELECT sum(lines) FROM runs").fetchone() != (lines,):
            await asyncio.sleep(0.001)

async def main():
    await history.open(print)
    await work()
    print("ready", flush=True)
    sys.stdin.read()

async def work():
"""
RUN = "\nasyncio.run(main())"
ALL_SORTS = """
    await begin(begins=False, key="waits its turn")
    output = OutputBuffer()
    going_on = await begin(output, started_at=NOON, state=RunState.RUNNING)
    for number in range(3):
        ms = int((NOON + (5 + number) * SECOND).timestamp() * 1000)
        output.append(OutputLine(ms, OutputKind.STDOUT, "", f"line {number}").encode())
    history.keep_changed(replace(going_on, stopping=True, progress=Progress(done=1)))
    await begin(state=RunState.WAITING, next_attempt_at=NOON + SECOND, attempt=2, max_attempts=3)
    await begin()
    await begin(begins=False)
    await stored(lines=3)
    over = await begin(task="other")
    await history.keep_ended(replace(over, state=RunState.DONE, ended_at=NOON + 2 * SECOND))
"""
ABOUT_TO_BEGIN = """
    await fires.claim("refused", NOON, "job")
    clock.advance(70)
    for number in range(1, 6):
        await fires.claim("a", NOON + number * SECOND, "job")
    for number in (1, 2):
        run = await begin(trigger=Trigger.SCHEDULE, scheduled_time=NOON + number * SECOND)
        if number == 1:
            fires.keep_fired("a", NOON + number * SECOND, run.id)
    await fires.claim("b", NOON, "job")
    await fires.claim("b", NOON + 2 * SECOND, "job")
    await fires.claim("c", NOON, "task")
    await begin(task="task", scheduled_time=NOON)
    for seconds in (0, 0, 1, 2):
        later = await delay(NOON + seconds * SECOND)
        if seconds < 2:
            await fires.take_delayed(later.id)
    await begin(trigger=Trigger.DELAYED, scheduled_time=NOON)
"""


def killed(root: Path, work: str) -> int:
    """Let an engine do some work and be killed; its process."""
    with running(SETUP + work + RUN, root) as engine:
        assert engine.hear() == "ready"
        engine.kill()
        return engine.pid


@pytest.fixture(scope="module")
def dead_engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    """Projects whose engine was killed in the middle of its work, and its process."""
    projects = {}
    for work in (ALL_SORTS, ABOUT_TO_BEGIN):
        root = tmp_path_factory.mktemp("project")
        projects[work] = root, killed(root, work)
    return projects


@pytest.fixture
def killed_at(dead_engines: dict[str, tuple[Path, int]], tmp_path: Path) -> KilledAt:
    """A project of the test's own whose engine was killed at some work."""

    def killed_at(work: str) -> tuple[Path, int]:
        root, pid = dead_engines[work]
        return shutil.copytree(root, tmp_path / "project"), pid

    return killed_at


def opened(root: Path, **options: Any) -> AbstractAsyncContextManager[Recording]:
    clock = ManualClock(NOON + 100 * SECOND)
    plain = {"clock": clock, "pauses": replace(HASTE, busy=10.0)}
    return recording(root, **{**plain, **options})


def told(run: Run) -> tuple[int, RunState, datetime | None]:
    return run.id, run.state, run.ended_at


async def test_what_a_killed_engine_had_begun_is_interrupted_with_all_its_output(
    killed_at: KilledAt,
) -> None:
    root, pid = killed_at(ALL_SORTS)

    async with opened(root) as store:
        end = NOON + 7 * SECOND  # the last line's time
        found = store.leftovers
        assert [told(run) for run in found.interrupted] == [
            (id_, RunState.INTERRUPTED, end) for id_ in (2, 3, 4)
        ]
        running_one, waiting, _ = found.interrupted
        assert running_one.error == RunError(
            type="EngineNotRunning",
            message=f"The engine (process {pid}) ended while the run was going on",
        )
        assert (running_one.stopping, waiting.next_attempt_at) == (False, None)
        assert (running_one.started_at, waiting.attempt) == (NOON, 2)
        assert store.texts(running_one) == ["line 0", "line 1", "line 2"]
        for run in found.interrupted:
            assert store.history.run(run.id) == run


async def test_what_had_not_begun_is_still_in_the_queue(killed_at: KilledAt) -> None:
    root, _ = killed_at(ALL_SORTS)

    async with opened(root) as store:
        assert [told(run) for run in store.leftovers.queued] == [
            (1, RunState.QUEUED, None),
            (5, RunState.QUEUED, None),
        ]
        assert store.leftovers.queued[0].key == "waits its turn"
        assert store.leftovers.queued[0].payload == {"n": 1}


async def test_interrupted_runs_are_counted_and_found(killed_at: KilledAt) -> None:
    root, _ = killed_at(ALL_SORTS)

    async with opened(root) as store:
        history = store.history
        assert history.statistics("job").counts == {RunState.INTERRUPTED: 3}
        assert history.statistics("other").counts == {RunState.DONE: 1}
        assert list(history.outcomes("job")) == [RunState.INTERRUPTED] * 3
        page = await history.runs(RunQuery(text="enginenotrun"))
        assert [(run.id, run.lines) for run in page.runs] == [(4, 0), (3, 0), (2, 3)]
        [(runs, size, real_runs, real_size)] = store.look(
            "SELECT kept_runs, kept_size, count(*), sum(runs.size)"
            " FROM task_stats JOIN runs USING (task) WHERE task = 'job' AND state = 'interrupted'"
        )
        assert (runs, size) == (real_runs, real_size) == (3, size)


async def test_leftovers_are_given_again_until_they_are_settled(killed_at: KilledAt) -> None:
    root, _ = killed_at(ALL_SORTS)
    async with opened(root) as store:
        interrupted, queued = store.leftovers.interrupted, store.leftovers.queued
        await store.history.keep_settled(2)

    async with opened(root) as store:
        assert store.leftovers.interrupted == interrupted[1:]
        assert store.leftovers.queued == queued
        await store.history.keep_queued(queued[0], OutputBuffer(), begins=True)
        await store.history.keep_ended(ended(queued[0]))
        for id_ in (3, 4):
            await store.history.keep_settled(id_)

    async with opened(root) as store:
        assert store.leftovers.interrupted == ()
        assert store.leftovers.queued == queued[1:]
        assert store.history.statistics("job").counts == {
            RunState.INTERRUPTED: 3,
            RunState.DONE: 1,
        }


async def test_an_engine_that_dies_before_it_has_taken_up_leaves_all_to_the_next(
    killed_at: KilledAt,
) -> None:
    root, first = killed_at(ALL_SORTS)
    killed(root, "    pass")

    async with opened(root) as store:
        assert [run.id for run in store.leftovers.queued] == [1, 5]
        assert [run.id for run in store.leftovers.interrupted] == [2, 3, 4]
        for run in store.leftovers.interrupted:
            assert run.error is not None
            assert f"(process {first})" in run.error.message
        assert store.history.statistics("job").counts == {RunState.INTERRUPTED: 3}


async def test_runs_of_an_engine_that_lives_are_not_touched(tmp_path: Path) -> None:
    code = SETUP + ALL_SORTS + RUN
    with running(code, tmp_path, "shared") as other:
        assert other.hear() == "ready"
        async with opened(tmp_path, exclusive=False) as store:
            assert store.leftovers.interrupted == store.leftovers.queued == ()
            assert store.look("SELECT count(*) FROM runs WHERE open = 1") == [5]
            other.kill()
            async with opened(tmp_path, exclusive=False) as third:
                assert [run.id for run in third.leftovers.interrupted] == [2, 3, 4]
                assert [run.id for run in third.leftovers.queued] == [1, 5]


async def test_fires_that_were_claimed_and_not_begun_are_still_to_come(killed_at: KilledAt) -> None:
    root, _ = killed_at(ABOUT_TO_BEGIN)

    async with opened(root) as store:
        fires = store.history.fires
        assert store.look("SELECT schedule, run FROM fires ORDER BY schedule, at") == [
            ("a", 1),
            ("a", 2),
            ("b", None),
            ("b", 2),
            ("refused", None),
        ]
        just_before = timedelta(microseconds=-1)
        assert fires.looks() == {
            "a": NOON + 3 * SECOND + just_before,
            "b": NOON + 2 * SECOND,
            "c": NOON + just_before,
            "refused": NOON,
        }
        assert await fires.claim("c", NOON, "task")
        assert not await fires.claim("refused", NOON, "job")


async def test_delayed_runs_that_were_taken_and_not_begun_are_still_to_come(
    killed_at: KilledAt,
) -> None:
    root, _ = killed_at(ABOUT_TO_BEGIN)

    async with opened(root) as store:
        fires = store.history.fires
        assert [(one.id, one.at - NOON) for one in fires.delayed()] == [
            (2, 0 * SECOND),
            (3, SECOND),
            (4, 2 * SECOND),
        ]
        assert await fires.take_delayed(2)
        assert store.look("SELECT count(*) FROM delayed_runs") == [3]


async def test_an_engine_that_stopped_in_good_order_leaves_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.run()
        await store.history.fires.claim("a", NOON, "refused")

    async with opened(tmp_path) as store:
        assert store.leftovers.interrupted == store.leftovers.queued == ()
        assert not await store.history.fires.claim("a", NOON, "refused")


async def test_thousands_of_leftovers_are_taken_over_in_a_few_steps_each(tmp_path: Path) -> None:
    many = 500
    async with opened(tmp_path) as store:
        await asyncio.gather(*(store.begin(trigger=Trigger.CLI) for _ in range(many)))
        with closing(sqlite3.connect(store.history.path, isolation_level=None)) as file:
            statements: list[str] = []
            file.execute("BEGIN")
            file.execute("INSERT INTO engines SELECT 99, 1, '', '', '', 0, NULL")
            file.set_trace_callback(statements.append)
            found = recover(file, 99, lambda _: False)
            file.set_trace_callback(None)
            file.execute("ROLLBACK")

    assert len(found.interrupted) == many
    assert len(statements) < many * 20
