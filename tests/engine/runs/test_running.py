"""A run from its call to its result."""

import asyncio
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import (
    Engine,
    EngineNotRunning,
    InvalidPayload,
    RunState,
    TaskFailed,
    TaskNotFound,
    TaskNotImplemented,
    Trigger,
)
from taskengine.events import (
    ChildStarted,
    Event,
    RunEnded,
    RunEvent,
    RunJoined,
    RunProgressed,
    RunQueued,
    RunStarted,
)
from taskengine.history.memory import MemoryHistory
from taskengine.output import OutputLine


def output_of(engine: Engine, run_id: int) -> list[str]:
    output = engine.history.output(run_id)
    assert output is not None
    return [OutputLine.decode(line).text for line in output.read(0, output.extent.total)]


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_a_task_gives_its_result(project: Project, engine: Engine, kind: str) -> None:
    project.task("double.py", "return event.payload['n'] * 2", kind=kind)
    await engine.start()

    assert await engine.run_task("double", {"n": 21}) == 42


async def test_the_form_of_nitros_results_is_unwrapped(project: Project, engine: Engine) -> None:
    project.task("a.py", "return {'result': 'Success'}")
    project.task("b.py", "return {'result': 1, 'more': 2}")
    await engine.start()

    assert await engine.run_task("a") == "Success"
    assert await engine.run_task("b") == {"result": 1, "more": 2}


async def test_a_plain_function_may_give_back_a_coroutine(project: Project, engine: Engine) -> None:
    project.write(
        "tasks/wrapped.py",
        """
        from taskengine import TaskEvent, task

        async def work(name: str) -> str:
            print("at work")
            return f"from {name}"

        @task
        def run(event: TaskEvent):
            return work(event.name)
        """,
    )
    await engine.start()

    assert await engine.run_task("wrapped") == "from wrapped"
    assert output_of(engine, 1) == ["at work"]


async def test_an_event_says_what_and_why(project: Project, engine: Engine) -> None:
    project.task(
        "seen.py",
        """
        context = event.context
        return [event.name, event.payload, context.run_id, context.trigger.value,
                context.extra["who"], context.attempt, context.scheduled_time]
        """,
    )
    await engine.start()

    result = await engine.run_task("seen", {"a": 1}, context={"who": "me"})

    assert result == ["seen", {"a": 1}, 1, "api", "me", 1, None]


async def test_a_run_goes_through_its_states_in_order(project: Project, engine: Engine) -> None:
    project.task("job.py", "event.context.progress(1, 2, 'half')\nreturn 1")
    events = Events(engine)
    await engine.start()

    run = await engine.start_run("job", {"x": 1}, trigger=Trigger.MANUAL)
    ended = await events.next(RunEnded)

    assert (run.state, run.payload, run.trigger) == (RunState.QUEUED, {"x": 1}, Trigger.MANUAL)
    kinds = [RunQueued, RunStarted, RunProgressed, RunEnded]
    assert [type(event) for event in events.seen if type(event) in kinds] == kinds
    assert (ended.run.state, ended.run.result) == (RunState.DONE, 1)
    [progressed] = events.of(RunProgressed)
    assert progressed.run.progress is not None
    assert progressed.run.progress.message == "half"
    assert engine.active_runs() == ()


async def test_what_the_task_raises_reaches_every_caller_as_it_is(
    project: Project, engine: Engine
) -> None:
    project.task("bad.py", "print('before')\nraise LookupError('no such thing')")
    await engine.start()

    with pytest.raises(LookupError, match="no such thing"):
        await engine.run_task("bad")

    run = engine.history.run(1)
    assert run is not None
    assert run.error is not None
    assert (run.state, run.error.type, run.error.message) == (
        RunState.FAILED,
        "LookupError",
        "no such thing",
    )
    assert f'File "{project.root}/tasks/bad.py", line 7, in run' in run.error.traceback
    assert "taskengine/" not in run.error.traceback
    assert output_of(engine, 1) == ["before"]


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_sys_exit_never_leaves_the_runner(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task("zero.py", "import sys\nsys.exit()", kind=kind)
    project.task("three.py", "import sys\nsys.exit(3)", kind=kind)
    project.task("interrupt.py", "raise KeyboardInterrupt", kind=kind)
    project.task("cancelled.py", "import asyncio\nraise asyncio.CancelledError", kind=kind)
    project.task("after.py", "return 'alive'", kind=kind)
    await engine.start()

    assert await engine.run_task("zero") is None
    with pytest.raises(TaskFailed, match="exited with code 3"):
        await engine.run_task("three")
    with pytest.raises(TaskFailed, match="KeyboardInterrupt"):
        await engine.run_task("interrupt")
    with pytest.raises(TaskFailed, match="CancelledError"):
        await engine.run_task("cancelled")
    assert await engine.run_task("after") == "alive"


async def test_sys_exit_in_a_subtask_leaves_the_task_loop_alive(
    project: Project, engine: Engine
) -> None:
    project.task(
        "sub.py",
        """
        import asyncio, sys
        async def leave():
            sys.exit(4)
        await asyncio.create_task(leave())
        """,
    )
    project.task("after.py", "return 'alive'")
    await engine.start()

    with pytest.raises(TaskFailed, match="code 4"):
        await engine.run_task("sub")
    assert await engine.run_task("after") == "alive"


async def test_stop_iteration_reaches_its_caller_as_a_failure(
    project: Project, engine: Engine
) -> None:
    project.task("stops.py", "return next(iter([]))", kind="def")
    await engine.start()

    with pytest.raises(RuntimeError, match="StopIteration"):
        await engine.run_task("stops")
    run = engine.history.run(1)
    assert run is not None
    assert run.error is not None
    assert run.error.type == "StopIteration"


async def test_a_result_that_json_cannot_carry_is_a_failed_run_that_says_where(
    project: Project, engine: Engine
) -> None:
    project.task("bad.py", "return {'files': [{'seen': {1, 2}}]}")
    await engine.start()

    with pytest.raises(TaskFailed, match=r"result\.files\[0\]\.seen is of type set"):
        await engine.run_task("bad")


async def test_unknown_and_unimplemented_tasks_are_404_and_501(
    project: Project, engine: Engine
) -> None:
    project.write("taskconsole.toml", '[tasks."planned"]\ndescription = "Some day"\n')
    await engine.start()

    with pytest.raises(TaskNotFound, match=r"^Task `nope` is not available!$") as not_found:
        await engine.run_task("nope")
    with pytest.raises(TaskNotImplemented, match=r"Task `planned` is not implemented!") as planned:
        await engine.run_task("planned")
    assert (not_found.value.status_code, planned.value.status_code) == (404, 501)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ([1], "must be an object, not list"),
        ({"when": {1, 2}}, "payload.when is of type set"),
    ],
)
async def test_a_bad_payload_is_refused_before_anything_runs(
    project: Project, engine: Engine, payload: object, message: str
) -> None:
    project.task("job.py", "return 1")
    await engine.start()

    with pytest.raises(InvalidPayload, match=message):
        await engine.run_task("job", payload)  # type: ignore[arg-type]
    assert engine.history.recent(None, 10) == []


async def test_a_task_cannot_change_the_payload_that_is_recorded(
    project: Project, engine: Engine
) -> None:
    project.task("greedy.py", "event.payload['items'].clear()\nevent.payload.clear()")
    await engine.start()

    await engine.run_task("greedy", {"items": [1]})

    run = engine.history.run(1)
    assert run is not None
    assert run.payload == {"items": [1]}


async def test_a_rerun_has_the_payload_of_the_first(project: Project, engine: Engine) -> None:
    project.task("echo.py", "return event.payload")
    await engine.start()
    await engine.run_task("echo", {"a": 1})

    again = await engine.wait((await engine.rerun(1)).id)

    assert (again.result, again.trigger, again.rerun_of) == ({"a": 1}, Trigger.RERUN, 1)


async def test_work_that_the_run_waits_for_belongs_to_it(project: Project, engine: Engine) -> None:
    project.task(
        "later.py",
        """
        import asyncio
        async def finish():
            await asyncio.sleep(0)
            print("finished after the return")
        event.context.wait_until(finish())
        return "returned"
        """,
    )
    await engine.start()

    assert await engine.run_task("later") == "returned"
    assert output_of(engine, 1) == ["finished after the return"]


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_work_that_the_run_waits_for_can_fail_it(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "later.py",
        """
        async def finish():
            raise ValueError("too late")
        event.context.wait_until(finish())
        return "returned"
        """,
        kind=kind,
    )
    await engine.start()

    with pytest.raises(ValueError, match="too late"):
        await engine.run_task("later")


async def test_callers_on_several_loops_and_threads_get_their_results(
    project: Project, engine: Engine
) -> None:
    project.task("echo.py", "return event.payload['n']")
    await engine.start()
    results: list[object] = []

    def call(number: int) -> None:
        results.append(asyncio.run(engine.run_task("echo", {"n": number})))

    for number in range(3):
        thread = threading.Thread(target=call, args=(number,))
        thread.start()
        await asyncio.to_thread(thread.join)

    assert results == [0, 1, 2]


async def test_a_caller_that_gives_up_does_not_cancel_the_run(
    project: Project, engine: Engine
) -> None:
    project.task(
        "slow.py",
        """
        import asyncio
        await asyncio.to_thread(event.context.extra["gate"].wait)
        return "done all the same"
        """,
    )
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    caller = asyncio.create_task(engine.run_task("slow", context={"gate": gate}))
    await events.next(RunStarted)

    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()

    assert (await events.next(RunEnded)).run.result == "done all the same"


@pytest.mark.filterwarnings("default")
async def test_output_comes_from_print_stderr_logging_and_warnings(
    project: Project, engine: Engine
) -> None:
    project.task(
        "noisy.py",
        """
        import logging, sys, threading, warnings
        print("printed")
        print("to stderr", file=sys.stderr)
        logging.getLogger("lib").warning("logged")
        warnings.warn("warned")
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()
        """,
        kind="def",
    )
    await engine.start()

    await engine.run_task("noisy")

    text = "\n".join(output_of(engine, 1))
    for expected in ("printed", "to stderr", "logged", "warned", "from a thread"):
        assert expected in text


async def test_an_engine_that_is_not_started_or_is_stopped_says_so(project: Project) -> None:
    engine = Engine(project.root)
    with pytest.raises(EngineNotRunning, match="stopped"):
        await engine.run_task("any")

    async with engine:
        with pytest.raises(RuntimeError, match="only once"):
            await engine.start()

    with pytest.raises(EngineNotRunning, match="stopped"):
        await engine.run_task("any")
    for _ in range(2):
        with pytest.raises(EngineNotRunning, match="stopped"):
            await asyncio.wait_for(engine.cancel_run(1), 60)
        with pytest.raises(EngineNotRunning, match="stopped"):
            await asyncio.wait_for(engine.on_loop(asyncio.sleep(0)), 60)


async def test_tasks_can_share_the_loop_of_the_host(project: Project) -> None:
    project.task(
        "where.py", "import asyncio\nreturn id(asyncio.get_running_loop())", options="name='Where'"
    )
    async with Engine(project.root, task_loop="current") as engine:
        assert await engine.run_task("where") == id(asyncio.get_running_loop())


async def test_a_stopped_engine_leaves_no_thread_behind(project: Project) -> None:
    before = set(threading.enumerate())
    project.task("job.py", "return 1", kind="def")
    async with Engine(project.root) as engine:
        await engine.run_task("job")
    left = [one for one in threading.enumerate() if one not in before]
    for thread in left:
        thread.join(60)

    assert [one.name for one in left if one.is_alive() and "taskengine" in one.name] == []


async def test_events_of_a_run_stop_coming_once_unsubscribed(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "return 1")
    seen: list[Event] = []
    unsubscribe = engine.subscribe(seen.append)
    await engine.start()
    await engine.run_task("job")
    unsubscribe()
    count = len(seen)

    await engine.run_task("job")

    assert len(seen) == count


async def test_progress_that_is_no_finite_number_is_the_tasks_own_error(
    project: Project, engine: Engine
) -> None:
    project.task(
        "job.py",
        """
        told = []
        for done, total in ((float("nan"), None), ("half", None), (1, object())):
            try:
                event.context.progress(done, total)
            except Exception as error:
                told.append(type(error).__name__)
        return told
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == ["ValueError", "ValueError", "TypeError"]


async def test_of_a_flood_of_progress_the_latest_is_heard(project: Project, engine: Engine) -> None:
    project.task(
        "job.py",
        """
        event.context.progress(0)
        event.context.extra["heard"].wait()
        for done in range(1, 1001):
            event.context.progress(done)
        event.context.extra["told"].set()
        """,
        kind="def",
    )
    events = Events(engine)
    gates = {"heard": threading.Event(), "told": threading.Event()}

    def hold(event: Event) -> None:
        if isinstance(event, RunProgressed):
            gates["heard"].set()
            gates["told"].wait()

    engine.subscribe(hold)
    await engine.start()
    await engine.run_task("job", context=gates)

    reports = [one.run.progress.done for one in events.of(RunProgressed) if one.run.progress]
    assert reports == [0, *range(951, 1001)]


@pytest.mark.parametrize("kept_in", ["a file", "memory"])
async def test_whoever_hears_of_a_run_finds_it_and_its_output(
    project: Project, kept_in: str
) -> None:
    project.task("job.py", "event.context.extra['gate'].wait()", kind="def")
    project.task("solo.py", "await event.context.run_task('job')", options="concurrency='skip'")
    project.task(
        "parent.py",
        """
        from taskengine import TaskSkipped
        try:
            await event.context.run_task("solo")
        except TaskSkipped:
            event.context.extra["gate"].set()
        """,
    )
    history = MemoryHistory() if kept_in == "memory" else None
    found: list[tuple[str, bool, bool]] = []

    def look(event: Event) -> None:
        if isinstance(event, RunEvent):
            number = event.child_id if isinstance(event, ChildStarted) else event.run.id
            run, output = engine.history.run(number), engine.history.output(number)
            found.append((type(event).__name__, run is not None, output is not None))

    async with Engine(project.root, history=history) as engine:
        engine.subscribe(look)
        events, gate = Events(engine), {"gate": threading.Event()}
        await engine.start_run("job", context=gate)
        solo = await engine.start_run("solo")
        await events.next(RunJoined)
        await engine.run_task("parent", context=gate)
        await engine.wait(solo.id)

    kinds = {kind for kind, _, _ in found}
    assert {"RunQueued", "RunJoined", "ChildStarted", "RunStarted", "RunEnded"} <= kinds
    assert [one for one in found if one[1:] != (True, True)] == []
