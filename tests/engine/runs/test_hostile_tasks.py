"""Tasks that raise, return and do what no task should: every run ends, and the engine goes on."""

import asyncio
import subprocess
import sys
import threading

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine, Run, RunState, TaskFailed
from taskengine.events import EngineState, Event, RunEnded, RunQueued, RunStarted
from taskengine.history.memory import MemoryHistory
from taskengine.output import OutputBuffer, OutputLine

SOON = 60
KINDS = pytest.mark.parametrize("kind", ["async def", "def"])


async def ended(engine: Engine, task: str) -> Run:
    """How a run of the task ends, whatever it does; a run that hangs is an error."""
    async with asyncio.timeout(SOON):
        run = await engine.start_run(task)
        return await engine.wait(run.id)


@KINDS
async def test_an_exception_that_cannot_be_printed_ends_its_run(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "rude.py",
        """
        class Rude(Exception):
            def __str__(self):
                raise SystemExit(3)
            @property
            def __notes__(self):
                raise KeyboardInterrupt
        raise Rude
        """,
        kind=kind,
    )
    project.task("after.py", "return 'alive'", kind=kind)
    await engine.start()

    run = await ended(engine, "rude")

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert (run.error.type, run.error.message) == (
        "run.<locals>.Rude",
        "<no message: str() raised SystemExit>",
    )
    assert await engine.run_task("after") == "alive"


@KINDS
async def test_a_result_that_cannot_be_looked_at_ends_its_run(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "proxy.py",
        """
        class Proxy:
            @property
            def __class__(self):
                raise LookupError("not connected")
        return Proxy()
        """,
        kind=kind,
    )
    await engine.start()

    assert (await ended(engine, "proxy")).state is RunState.FAILED


async def test_an_error_that_is_false_is_an_error_all_the_same(
    project: Project, engine: Engine
) -> None:
    project.task(
        "false.py",
        """
        class Nothing(Exception):
            def __bool__(self):
                return False
        async def later():
            return 1
        event.context.wait_until(later())
        raise Nothing
        """,
    )
    await engine.start()

    assert (await ended(engine, "false")).state is RunState.FAILED


@KINDS
async def test_a_cancelled_future_of_the_tasks_own_does_not_cancel_the_caller(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "futures.py",
        "import concurrent.futures\nraise concurrent.futures.CancelledError",
        kind=kind,
    )
    await engine.start()

    with pytest.raises(TaskFailed, match="CancelledError"):
        await engine.run_task("futures")


async def test_a_cancel_reaches_work_that_is_asked_for_after_it(
    project: Project, engine: Engine
) -> None:
    project.task(
        "late.py",
        """
        import asyncio
        event.context.cancelled.wait()
        event.context.wait_until(asyncio.Event().wait())
        """,
        kind="def",
    )
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("late")
    await events.next(RunStarted)

    await engine.cancel_run(run.id)

    async with asyncio.timeout(SOON):
        assert (await engine.wait(run.id)).state is RunState.CANCELLED


class FullHistory(MemoryHistory):
    """A history that can't keep anything."""

    async def keep_queued(self, run: Run, output: OutputBuffer, *, begins: bool) -> None:
        raise OSError("no space left on device")


async def test_a_history_that_fails_fails_the_run_and_hangs_nobody(project: Project) -> None:
    project.task("job.py", "return 1")
    async with Engine(project.root, history=FullHistory()) as engine, asyncio.timeout(SOON):
        with pytest.raises(OSError, match="no space"):
            await engine.run_task("job")
        assert engine.active_runs() == ()


async def test_a_run_may_be_begun_by_the_task_it_belongs_to(
    project: Project, engine: Engine
) -> None:
    project.task("again.py", "return (await event.context.extra['engine'].start_run('again')).id")
    await engine.start()

    assert await engine.run_task("again", context={"engine": engine}) == 1


async def test_sync_parents_may_wait_on_a_loop_of_their_own(
    project: Project, engine: Engine
) -> None:
    for number in range(40):
        project.task(
            f"parent{number}.py",
            f"import asyncio\nreturn asyncio.run(event.context.run_task('child{number}'))",
            kind="def",
        )
        project.task(f"child{number}.py", f"return {number}", kind="def")
    await engine.start()

    async with asyncio.timeout(SOON):
        calls = (engine.run_task(f"parent{number}") for number in range(40))
        assert await asyncio.gather(*calls) == list(range(40))


async def test_what_a_listener_prints_is_not_the_runs(
    project: Project, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    def listen(event: Event) -> None:
        print(f"heard {type(event).__name__}")

    project.task("parent.py", "event.context.progress(1)\nawait event.context.run_task('child')")
    project.task("child.py", "print('from the child')")
    engine.subscribe(listen)
    events = Events(engine)
    await engine.start()
    await engine.run_task("parent")
    await events.next(RunEnded, lambda event: event.run.task == "parent")

    texts = {}
    for run in engine.history.recent(None, 10):
        output = engine.history.output(run.id)
        assert output is not None
        texts[run.task] = [OutputLine.decode(line).text for line in output.read(0, 100)]
    assert texts == {"parent": [], "child": ["from the child"]}
    assert "heard RunProgressed" in capsys.readouterr().out


async def test_joined_callers_are_counted_and_the_latest_kept(
    project: Project, engine: Engine
) -> None:
    project.task("job.py", "event.context.extra['gate'].wait(20)", kind="def")
    await engine.start()
    gate = threading.Event()
    await engine.start_run("job", None, {"gate": gate})

    for _ in range(150):
        run = await engine.start_run("job")
    gate.set()

    assert (run.joined_count, len(run.joined)) == (150, 100)


async def test_a_stop_inside_a_task_stops_the_engine(project: Project, engine: Engine) -> None:
    project.task("stopper.py", "await event.context.extra['engine'].stop(grace=0)")
    events = Events(engine)
    await engine.start()
    await engine.start_run("stopper", None, {"engine": engine})
    await events.next(RunQueued)

    async with asyncio.timeout(SOON):
        await engine.stop()


async def test_a_stop_that_nobody_waits_for_goes_on(project: Project, engine: Engine) -> None:
    project.task("slow.py", "event.context.extra['gate'].wait(20)", kind="def")
    events = Events(engine)
    await engine.start()
    gate = threading.Event()
    await engine.start_run("slow", None, {"gate": gate})
    await events.next(RunStarted)
    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)

    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    async with asyncio.timeout(SOON):
        await engine.stop(grace=0)
    gate.set()

    run = engine.history.run(1)
    assert run is not None
    assert run.state is RunState.INTERRUPTED


async def test_a_run_can_be_cancelled_and_waited_for_while_the_engine_stops(
    project: Project, engine: Engine
) -> None:
    project.task("slow.py", "import asyncio\nawait asyncio.Event().wait()")
    events = Events(engine)
    await engine.start()
    run = await engine.start_run("slow")
    await events.next(RunStarted)
    stopping = asyncio.create_task(engine.stop(grace=60))
    await events.state(EngineState.STOPPING)
    waiting = asyncio.create_task(engine.wait(run.id))

    async with asyncio.timeout(SOON):
        assert await engine.cancel_run(run.id)
        assert (await waiting).state is RunState.CANCELLED
        await stopping
    assert (await engine.wait(run.id)).state is RunState.CANCELLED


async def test_a_stop_during_the_start_waits_for_it(project: Project, engine: Engine) -> None:
    project.task("job.py", "return 1")
    events = Events(engine)
    starting = asyncio.create_task(engine.start(load=False))
    await events.state(EngineState.STARTING)

    async with asyncio.timeout(SOON):
        await engine.stop()
        await starting

    assert engine.state is EngineState.STOPPED


def test_a_thread_that_is_left_behind_does_not_keep_the_process(project: Project) -> None:
    project.task("stuck.py", "import asyncio, time\nawait asyncio.to_thread(time.sleep, 600)")
    program = project.write(
        "program.py",
        """
        import asyncio
        from taskengine import Engine
        from taskengine.events import RunStarted

        async def main():
            loop, started = asyncio.get_running_loop(), asyncio.Event()
            engine = Engine(".")
            engine.subscribe(
                lambda event: isinstance(event, RunStarted)
                and loop.call_soon_threadsafe(started.set)
            )
            async with engine:
                await engine.start_run("stuck")
                await started.wait()
                await engine.stop(grace=0)

        asyncio.run(main())
        """,
    )

    subprocess.run([sys.executable, program], cwd=project.root, timeout=60, check=True)


@KINDS
async def test_an_exit_code_that_cannot_be_looked_at_ends_its_run(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "rude.py",
        """
        class Rude:
            __hash__ = None
            def __eq__(self, other):
                raise ValueError("no")
        raise SystemExit(Rude())
        """,
        kind=kind,
    )
    await engine.start()

    run = await ended(engine, "rude")

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert (run.error.type, run.error.message) == (
        "TaskFailed",
        "What the task raised can't be read",
    )


@KINDS
async def test_an_exception_whose_class_says_nothing_of_itself_ends_its_run(
    project: Project, engine: Engine, kind: str
) -> None:
    project.task(
        "rude.py",
        """
        class Rude(type):
            def __getattribute__(cls, name):
                raise KeyboardInterrupt
        class Mute(Exception, metaclass=Rude):
            pass
        raise Mute("quiet")
        """,
        kind=kind,
    )
    await engine.start()

    run = await ended(engine, "rude")

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert (run.error.type, run.error.message) == ("run.<locals>.Mute", "quiet")


async def test_an_exception_that_lies_about_its_class_is_tried_again_like_any(
    project: Project, engine: Engine
) -> None:
    project.task(
        "rude.py",
        """
        class Rude(Exception):
            @property
            def __class__(self):
                raise SystemExit(3)
        raise Rude
        """,
        options="retries=1, backoff=0",
    )
    await engine.start()

    run = await ended(engine, "rude")

    assert (run.state, run.attempt) == (RunState.FAILED, 2)
