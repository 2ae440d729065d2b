"""Tasks that keep others from going on are told of, with the place in their code."""

import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine
from taskengine.events import ProblemCleared, ProblemRaised, RunStarted
from taskengine.output import OutputKind, OutputLine
from taskengine.problem import ProblemKind
from taskengine.run import RunState
from taskengine.watchdog.threadtimes import ThreadTimes

BLOCK = """
print("before")
event.context.extra["gate"].wait()
"""


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What tasks wait for; they find it as `event.context.extra["gate"]`."""
    gate = threading.Event()
    yield gate
    gate.set()


def raised(event: ProblemRaised) -> bool:
    return event.problem.kind in {ProblemKind.BLOCKED_LOOP, ProblemKind.HELD_LOCK}


async def test_a_task_that_blocks_the_loop_is_a_problem_with_its_place(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    path = project.task("stuck.py", BLOCK)
    events = Events(engine)
    await engine.start()
    await engine.start_run("stuck", context={"gate": gate})

    problem = (await events.next(ProblemRaised)).problem

    assert problem.kind is ProblemKind.BLOCKED_LOOP
    assert problem.message == "task stuck blocks the event loop"
    assert (problem.task, problem.path, problem.line) == ("stuck", path, 7)
    assert "await asyncio.to_thread" in problem.hint
    assert 'event.context.extra["gate"].wait()' in problem.traceback
    assert "asyncio" not in problem.traceback.partition("stuck.py")[0]
    assert problem in engine.problems
    gate.set()


async def test_the_problem_goes_away_when_the_loop_answers(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    project.task("stuck.py", BLOCK)
    events = Events(engine)
    await engine.start()
    await engine.start_run("stuck", context={"gate": gate})
    problem = (await events.next(ProblemRaised)).problem

    gate.set()

    assert (await events.next(ProblemCleared)).problem == problem
    assert engine.problems == ()


async def test_the_run_keeps_a_note_of_it(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    project.task("stuck.py", BLOCK)
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("stuck", context={"gate": gate})
    await events.next(ProblemRaised)
    gate.set()
    await engine.wait(run.id)

    output = engine.history.output(run.id)

    assert output is not None
    first, second = [OutputLine.decode(line) for line in output.read(0, 10)]
    assert (first.text, second.kind) == ("before", OutputKind.NOTE)
    assert second.text.startswith("task stuck blocks the event loop (")


async def test_the_engine_answers_while_the_loop_is_blocked(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    project.task("stuck.py", BLOCK)
    project.task("sync.py", "return 'at work'", kind="def")
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("stuck", context={"gate": gate})
    await events.next(ProblemRaised)

    assert await engine.run_task("sync") == "at work"
    output = engine.history.output(run.id)
    assert output is not None
    assert output.extent.total == 2
    assert await engine.cancel_run(run.id)
    assert engine.active_runs()[0].stopping
    gate.set()
    assert (await engine.wait(run.id)).state is RunState.CANCELLED


async def test_work_that_a_task_has_split_off_is_found_by_its_file(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    project.task("other.py", "import asyncio\nawait asyncio.Event().wait()")
    path = project.task(
        "split.py",
        """
        import asyncio
        async def part():
            event.context.extra["gate"].wait()
        await asyncio.gather(part())
        """,
    )
    events = Events(engine)
    await engine.start()
    other = await engine.start_run("other")
    await engine.start_run("split", context={"gate": gate})

    problem = (await events.next(ProblemRaised)).problem

    assert (problem.task, problem.path, problem.line) == ("split", path, 8)
    await engine.cancel_run(other.id)


async def test_blocking_in_a_helper_is_told_with_the_helpers_line(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    helper = project.write("tasks/_slow.py", "def slow(gate):\n    gate.wait()\n")
    project.task("helped.py", "from tasks._slow import slow\nslow(event.context.extra['gate'])")
    events = Events(engine)
    await engine.start()
    await engine.start_run("helped", context={"gate": gate})

    problem = (await events.next(ProblemRaised)).problem

    assert (problem.task, problem.path, problem.line) == ("helped", helper, 2)
    gate.set()


async def test_a_sync_task_that_blocks_or_computes_is_no_problem(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    project.task(
        "busy.py",
        """
        number = 0
        while not event.context.extra["gate"].is_set():
            number += 1
        """,
        kind="def",
    )
    project.task("stuck.py", BLOCK)
    events = Events(engine)
    await engine.start()
    await engine.start_run("busy", context={"gate": gate})
    await events.next(RunStarted)
    await engine.start_run("stuck", context={"gate": gate})

    problem = (await events.next(ProblemRaised)).problem

    assert problem.task == "stuck"
    assert len(events.of(ProblemRaised)) == 1
    gate.set()


async def test_a_task_that_computes_on_the_loop_blocks_it(
    project: Project, engine: Engine, gate: threading.Event
) -> None:
    path = project.task("busy.py", "while not event.context.extra['gate'].is_set():\n    pass")
    events = Events(engine)
    await engine.start()
    await engine.start_run("busy", context={"gate": gate})

    problem = (await events.next(ProblemRaised)).problem

    assert (problem.kind, problem.path) == (ProblemKind.BLOCKED_LOOP, path)
    gate.set()


HOLD = """
import ctypes, threading
event.context.extra["thread"].append(threading.get_ident())
ctypes.PyDLL(None).usleep(1_700_000)  # does not release the lock
event.context.extra["gate"].wait()
"""


class TimesOfOneThread:
    """In place of the system's word on who has computed, which would depend on the machine."""

    def __init__(self, thread: list[int], is_over: threading.Event) -> None:
        self._thread = thread
        self._is_over = is_over

    def look(self) -> None:
        pass

    def of_others(self) -> float:
        return 600.0 if self._thread and not self._is_over.is_set() else 0.0

    def busiest(self, threads: frozenset[int]) -> int | None:
        return next((thread for thread in self._thread if thread in threads), None)


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_a_task_that_holds_the_interpreters_lock_is_told_from_one_that_blocks(
    project: Project,
    engine: Engine,
    gate: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    path = project.task("greedy.py", HOLD, kind=kind)
    project.task("waiting.py", "event.context.cancelled.wait()", kind="def")
    thread: list[int] = []
    times = TimesOfOneThread(thread, is_over=gate)
    monkeypatch.setattr("taskengine.watchdog.watchdog.ThreadTimes", lambda: times)
    events = Events(engine)
    await engine.start()
    waiting = await engine.start_run("waiting")
    run = await engine.start_run("greedy", context={"gate": gate, "thread": thread})

    problem = (await events.next(ProblemRaised, raised)).problem

    gate.set()
    assert problem.kind is ProblemKind.HELD_LOCK
    assert problem.message == "task greedy holds the interpreter's lock"
    assert (problem.task, problem.path) == ("greedy", path)
    assert problem.line in {8, 9}  # by the time that anybody can look, it has gone on
    assert problem.hint.startswith('isolation="process"')
    await engine.wait(run.id)
    output = engine.history.output(run.id)
    assert output is not None
    assert "holds the interpreter's lock for " in OutputLine.decode(output.read(0, 1)[0]).text
    await engine.cancel_run(waiting.id)
    assert (await events.next(ProblemCleared)).problem == problem


async def test_a_lock_held_from_the_first_moment_of_the_only_run_is_told(
    project: Project, engine: Engine, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.task("greedy.py", HOLD, kind="def")
    thread: list[int] = []
    times = TimesOfOneThread(thread, is_over=gate)
    monkeypatch.setattr("taskengine.watchdog.watchdog.ThreadTimes", lambda: times)
    events = Events(engine)
    await engine.start()
    await engine.start_run("greedy", context={"gate": gate, "thread": thread})

    assert (await events.next(ProblemRaised, raised)).problem.kind is ProblemKind.HELD_LOCK


async def test_a_standstill_in_which_nobody_has_computed_is_nobodys_fault(
    project: Project, engine: Engine, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.task("stopped.py", HOLD.replace("gate", "never").replace(".wait()", ""), kind="def")
    project.task("stuck.py", BLOCK)
    is_over = threading.Event()
    is_over.set()
    times = TimesOfOneThread([], is_over)
    monkeypatch.setattr("taskengine.watchdog.watchdog.ThreadTimes", lambda: times)
    events = Events(engine)
    await engine.start()
    await engine.run_task("stopped", context={"thread": [], "never": None})
    await engine.start_run("stuck", context={"gate": gate})

    assert (await events.next(ProblemRaised, raised)).problem.task == "stuck"


def test_the_thread_that_computes_is_the_busiest() -> None:
    times = ThreadTimes()
    idle_is_up, is_over = threading.Event(), threading.Event()

    def be_idle() -> None:
        idle_is_up.set()
        is_over.wait()

    def be_busy() -> None:
        while time.thread_time() < 0.05:
            pass
        is_over.wait()

    idle, busy = threading.Thread(target=be_idle), threading.Thread(target=be_busy)
    idle.start()
    idle_is_up.wait()
    times.look()
    busy.start()

    while times.of_others() < 0.05:
        is_over.wait(0.01)

    assert idle.ident is not None
    assert busy.ident is not None
    assert times.busiest(frozenset({idle.ident, busy.ident})) == busy.ident
    is_over.set()
    idle.join()
    busy.join()


@pytest.fixture
async def guest(project: Project) -> AsyncIterator[Engine]:
    """An engine whose tasks share the loop of the program around it."""
    engine = Engine(project.root, task_loop="current")
    yield engine
    await engine.stop(grace=0)


async def test_code_of_the_host_that_blocks_a_shared_loop_is_named_as_such(
    project: Project, guest: Engine
) -> None:
    project.task("idle.py", "import asyncio\nawait asyncio.Event().wait()")
    seen = threading.Event()
    found: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, ProblemRaised):
            found.append(event.problem.message)
            assert event.problem.task is None
            seen.set()

    await guest.start()
    run = await guest.start_run("idle")
    guest.subscribe(note)

    assert seen.wait(20)

    assert found == ["code of the program around the engine blocks the event loop"]
    await guest.cancel_run(run.id)


async def test_a_task_that_blocks_a_shared_loop_is_named(
    project: Project, guest: Engine, gate: threading.Event
) -> None:
    project.task("stuck.py", BLOCK)
    found: list[str | None] = []

    def note(event: object) -> None:
        if isinstance(event, ProblemRaised):
            found.append(event.problem.task)
            gate.set()

    guest.subscribe(note)
    await guest.start()
    await guest.run_task("stuck", context={"gate": gate})

    assert found == ["stuck"]
