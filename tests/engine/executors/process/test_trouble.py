"""What can go wrong between the engine and its processes."""

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.events import SOON, Events
from support.isolated import children, end_of, isolated, run_to_end, server_since
from support.project import Project
from taskengine import Engine, RunState, TaskFailed
from taskengine.events import RunProgressed, RunQueued


async def test_an_interpreter_that_cannot_start_is_told_with_its_last_words(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = project.write("broken", "#!/bin/sh\necho 'no room in this house' >&2\nexit 1\n")
    broken.chmod(0o755)
    isolated(project, "job.py", "return 1")
    await engine.start()

    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(broken))
        with pytest.raises(TaskFailed, match=r"could not be started\nno room in this house"):
            await engine.run_task("job")

    assert await engine.run_task("job") == 1


@pytest.mark.parametrize("whose", ["keeper's", "task's"])
async def test_a_system_without_room_for_one_more_process_is_told(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    project.write(
        "sitecustomize.py",
        f"""
        import os, sys
        if "taskengine" in "".join(sys.orig_argv):
            def no_fork():
                raise BlockingIOError(11, "Resource temporarily unavailable")
            def fork(first=os.fork):
                os.fork = no_fork
                return first()
            os.fork = no_fork if {whose == "keeper's"} else fork
        """,
    )
    isolated(project, "job.py", "return 1")
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    await engine.start()

    with pytest.raises(TaskFailed, match=r"(?s)could not be started.*Resource temporarily"):
        await engine.run_task("job")


async def test_an_interpreter_that_is_not_there_is_a_failed_run(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated(project, "job.py", "return 1")
    monkeypatch.setattr(sys, "executable", str(project.root / "nothing"))
    await engine.start()

    assert (await run_to_end(engine, "job")).run.state is RunState.FAILED


async def test_a_program_with_thousands_of_open_files_runs_tasks(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "return 1")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as undo:
        undo.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
        for _ in range(1100):  # `select` can't count further than 1024
            undo.callback(os.close, os.dup(0))
        await engine.start()

        assert await engine.run_task("job") == 1


async def test_a_program_that_blocks_signals_hears_of_a_crash(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "import os\nos._exit(3)")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        await engine.start()
        crash = await run_to_end(engine, "job")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert crash.run.state is RunState.CRASHED


async def test_a_program_that_cannot_import_our_parts_any_more_has_a_failed_run(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated(project, "job.py", "return 1")
    await engine.start()
    monkeypatch.setitem(sys.modules, "taskengine.executors.process.supervision", None)

    assert (await run_to_end(engine, "job")).run.state is RunState.FAILED


async def test_a_run_that_a_stopped_server_never_starts_can_be_cancelled(
    project: Project, engine: Engine
) -> None:
    for name in ("first", "second"):  # one of them may find a process that waits
        isolated(project, f"{name}.py", "event.context.cancelled.wait(0 if event.payload else 600)")
    before = children()
    await engine.start()
    await engine.run_task("first", {"wait": "no"})
    server = server_since(before)
    os.kill(server, signal.SIGSTOP)
    try:
        runs = [await engine.start_run(name) for name in ("first", "second")]
        async with asyncio.timeout(SOON):
            for run in runs:
                await engine.cancel_run(run.id)
                assert (await end_of(engine, run.id)).run.state is RunState.CANCELLED
    finally:
        os.kill(server, signal.SIGCONT)


async def test_junk_in_the_connection_ends_nothing(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        import os, stat, struct
        for fd in range(3, 300):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    for junk in (b"", b"null", b"{", b'{"type": "progress"}', b"\\xff"):
                        os.write(fd, struct.pack("!I", len(junk)) + junk)
            except OSError:
                pass
        return 1
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == 1


async def test_odd_arguments_are_the_tasks_own_errors(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        told = []
        def attempt(function, *arguments):
            try:
                function(*arguments)
            except Exception as error:
                told.append(type(error).__name__)
        attempt(event.context.progress, float("nan"))
        attempt(event.context.progress, "half")
        attempt(event.context.run_task_blocking, None)
        attempt(event.context.run_task_blocking, "\\ud800")
        attempt(event.context.run_task_blocking, "job", [1])
        event.context.progress(1, message="\\ud800")
        return told
        """,
    )
    await engine.start()

    told = ["ValueError", "ValueError", "TaskNotFound", "TaskNotFound", "InvalidPayload"]
    assert await engine.run_task("job") == told


async def test_an_error_that_cannot_be_printed_is_told(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        class Rude(Exception):
            def __str__(self):
                raise SystemExit(3)
        print("\\ud800")
        raise Rude
        """,
    )
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert ended.message == "<no message: str() raised SystemExit>"
    assert ended.texts == ["\\ud800"]


async def test_names_that_are_no_text_are_no_trouble(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.fsdecode(os.fsencode(project.root) + b"/\xff")
    Path(folder).mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ODD", os.fsdecode(b"\xff"))
    monkeypatch.syspath_prepend(folder)
    isolated(
        project,
        "job.py",
        """
        import os, sys
        return [ascii(one) for one in (os.path.basename(os.getcwd()), os.environ["ODD"])]
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == [r"'\udcff'"] * 2


async def test_a_working_folder_that_is_gone_is_no_trouble(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project.root / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    isolated(project, "job.py", "return 1")
    await engine.start()
    folder.rmdir()

    assert await engine.run_task("job") == 1


async def test_what_the_task_breaks_in_its_streams_does_not_cost_its_result(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import sys
        class Broken:
            closed = False
            def write(self, text): return len(text)
            def flush(self): raise OSError("broken")
        sys.stdout = sys.stderr = Broken()
        return 1
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == 1


async def test_a_pipeline_that_ends_by_itself_is_heard_to_its_end(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "sitecustomize.py",
        f"""
        import sys
        if "taskengine" in "".join(sys.orig_argv):
            from taskengine.executors.process import keeper
            keeper.LINGER_SECONDS = {SOON}  # however slow the machine is
        """,
    )
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    isolated(
        project,
        "job.py",
        "import subprocess\nsubprocess.Popen('(sleep 0.01; echo late) &', shell=True).wait()",
    )
    await engine.start()

    assert (await run_to_end(engine, "job")).texts == ["late"]


async def test_background_tasks_are_cancelled_at_the_end(project: Project, engine: Engine) -> None:
    isolated(
        project,
        "job.py",
        """
        import asyncio
        async def background():
            try:
                await asyncio.sleep(600)
            finally:
                print("tidied up")
        task = asyncio.create_task(background())
        await asyncio.sleep(0)
        return 1
        """,
        sync=False,
    )
    await engine.start()

    assert (await run_to_end(engine, "job")).texts == ["tidied up"]


async def test_a_flood_is_held_within_the_caps_and_keeps_nobody_waiting(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "flood.py",
        "event.context.progress(1)\nwhile True: print('x' * 200)",
    )
    isolated(project, "job.py", "print('a word')\nreturn 1")
    events = Events(engine)
    await engine.start()
    flood = await engine.start_run("flood")
    await events.next(RunProgressed)

    ended = await run_to_end(engine, "job")

    assert (ended.run.result, ended.texts) == (1, ["a word"])
    await engine.cancel_run(flood.id)
    assert (await end_of(engine, flood.id)).run.state is RunState.CANCELLED


PROGRAM = """
    import asyncio
    from taskengine import Engine

    async def main():
        async with Engine(".") as engine:
            print(await engine.run_task("job"), flush=True)
            await engine.start_run("job")

    asyncio.run(main())
"""


async def run_program(project: Project, *flags: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, *flags, str(project.write("program.py", PROGRAM))]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=project.root, capture_output=True, timeout=60, check=False
    )


async def test_python_itself_finds_nothing_to_complain_about(project: Project) -> None:
    isolated(project, "job.py", "return 1")

    done = await run_program(project, "-W", "error", "-X", "dev")

    assert (done.returncode, done.stdout) == (0, b"1\n")
    assert b"Warning" not in done.stderr
    assert b"Error" not in done.stderr


@pytest.mark.slow
async def test_an_interpreter_that_talks_a_lot_does_not_wait_for_listeners(
    project: Project,
) -> None:
    isolated(project, "job.py", "return 1")

    assert (await run_program(project, "-v")).stdout == b"1\n"


async def test_a_run_queued_while_the_engine_stops_comes_to_its_end(
    project: Project, engine: Engine
) -> None:
    for number in range(5):
        isolated(project, f"job{number}.py", "return 1")
    events = Events(engine)
    await engine.start()
    for number in range(5):
        await engine.start_run(f"job{number}")
    await events.next(RunQueued)

    async with asyncio.timeout(SOON):
        await engine.stop(grace=0)

    states = {run.state for run in engine.history.recent(None, 10)}
    assert states <= {RunState.DONE, RunState.CANCELLED, RunState.INTERRUPTED}
