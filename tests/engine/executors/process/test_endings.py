"""How a run in a process of its own ends: results, exceptions, and deaths of every kind."""

import importlib
import os
import sys
from typing import cast

import pytest

from support.isolated import end_of, isolated, isolated_both, run_to_end
from support.project import Project
from taskengine import Engine, InvalidPayload, RunState, TaskFailed, TaskNotFound, task
from taskengine.errors import TaskCrashed


async def test_the_result_comes_back(project: Project, engine: Engine) -> None:
    body = "return {'result': [event.payload['n'], (1.5, None), 2**70]}"
    jobs = isolated_both(project, body)
    await engine.start()

    for job in jobs:
        assert await engine.run_task(job, {"n": "ü"}) == ["ü", [1.5, None], 2**70]


async def test_a_large_payload_and_a_large_result_come_through(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "return event.payload['text'] * 2")
    await engine.start()

    result = await engine.run_task("job", {"text": "x" * 5_000_000})

    assert result == "x" * 10_000_000


async def test_a_result_that_json_cannot_carry_is_a_failure_that_says_where(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "return {'items': [1, {2}]}")
    await engine.start()

    with pytest.raises(TaskFailed, match=r"^result.items\[1\] is of type set"):
        await engine.run_task("job")


async def test_an_exception_is_told_with_its_name_and_traceback(
    project: Project, engine: Engine
) -> None:
    jobs = isolated_both(project, "raise ValueError('no such thing')")
    await engine.start()

    for job in jobs:
        with pytest.raises(TaskFailed, match=r"^ValueError: no such thing$"):
            await engine.run_task(job)
        [run] = engine.history.recent(job, 1)
        assert run.error is not None
        assert (run.error.type, run.error.message) == ("ValueError", "no such thing")
        assert f"tasks/{job}.py" in run.error.traceback
        assert "taskengine" not in run.error.traceback


async def test_what_a_task_raises_is_known_by_its_classes_for_a_retry(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        if event.context.attempt < 3:
            raise ConnectionResetError("again")
        return event.context.attempt
        """,
        options='retries=3, retry_on="OSError", backoff=0',
    )
    await engine.start()

    assert await engine.run_task("job") == 3


async def test_what_would_end_a_program_ends_a_run(project: Project, engine: Engine) -> None:
    exits = isolated_both(project, "import sys\nsys.exit(3)", name="_exit")
    interrupts = isolated_both(project, "raise KeyboardInterrupt", name="_interrupt")
    body = "import asyncio\nraise asyncio.CancelledError"
    cancels = isolated_both(project, body, name="_cancel")
    isolated(project, "done.py", "import sys\nsys.exit(0)")
    await engine.start()

    for jobs, message in (
        (exits, "The task exited with code 3"),
        (interrupts, "The task raised KeyboardInterrupt"),
        (cancels, "which nobody asked for"),
    ):
        for job in jobs:
            with pytest.raises(TaskFailed, match=message):
                await engine.run_task(job)
    assert await engine.run_task("done") is None


DEATHS = [
    ("import ctypes\nctypes.string_at(0)", r"killed by signal 11 \(SIGSEGV\)"),
    ("import os\nos.abort()", r"killed by signal 6 \(SIGABRT\)"),
    ("import os\nos._exit(7)", "exited with code 7 before it could say how the run ended"),
    ("import os\nos._exit(0)", "exited with code 0 before it could say how the run ended"),
    ("import os\nos.kill(os.getpid(), 9)", r"\(SIGKILL\), as the system does when memory runs"),
    ("import os, signal\nos.kill(0, signal.SIGHUP)", r"killed by signal 1 \(SIGHUP\)"),
    ("import os\nos.kill(os.getpid(), 40)", "killed by signal 40$"),
    ("import os\nos.kill(os.getppid(), 9)\nwhile True: pass", "watched over it was killed"),
]


async def test_a_death_is_a_crash_that_keeps_the_output(project: Project, engine: Engine) -> None:
    words = "print('a word before')\nprint('half', end='')\n"
    for number, (body, _) in enumerate(DEATHS):
        isolated(project, f"job{number}.py", words + body)
    project.task("after.py", "return 'alive'")
    await engine.start()

    for number, (_, message) in enumerate(DEATHS):
        with pytest.raises(TaskCrashed, match=message):
            await engine.run_task(f"job{number}")
        [run] = engine.history.recent(f"job{number}", 1)
        ended = await end_of(engine, run.id)
        assert ended.run.state is RunState.CRASHED
        assert {"a word before", "half"} <= set(ended.texts)
    assert await engine.run_task("after") == "alive"


async def test_a_segfault_shows_where_it_was(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "import ctypes\nctypes.string_at(0)")
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert any("tasks/job.py" in text and "line 7" in text for text in ended.texts)


async def test_endless_recursion_fails_the_run(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "def down(): return down()\nreturn down()")
    await engine.start()

    with pytest.raises(TaskFailed, match="RecursionError"):
        await engine.run_task("job")


async def test_a_file_that_changed_for_the_worse_is_a_failed_run_with_its_place(
    project: Project, engine: Engine
) -> None:
    path = project.write(
        "tasks/job.py",
        """
        import os
        from taskengine import task

        if "BROKEN" in os.environ:
            raise LookupError("this time not")

        @task(isolation="process")
        def run(event):
            return 1
        """,
    )
    await engine.start()
    assert await engine.run_task("job") == 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROKEN", "1")
        with pytest.raises(TaskFailed, match=f"can't be imported: LookupError.*{path}:5"):
            await engine.run_task("job")


async def test_a_task_whose_file_is_gone_is_a_failed_run(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "import pathlib\npathlib.Path(__file__).unlink()")
    await engine.start()
    await engine.run_task("job")

    with pytest.raises((TaskFailed, TaskNotFound)):
        await engine.run_task("job")


async def test_a_task_named_by_the_config_runs(project: Project, engine: Engine) -> None:
    project.write(
        "taskconsole.toml",
        """
        [tasks."db:migrate"]
        handler = "./jobs/migrate.py:main"
        isolation = "process"
        """,
    )
    project.write("jobs/migrate.py", "import os\n\n\ndef main(event):\n    return os.getpid()\n")
    await engine.start()

    assert await engine.run_task("db:migrate") != await engine.run_task("db:migrate")


async def test_a_task_deep_in_a_folder_with_an_odd_name_runs(
    project: Project, engine: Engine
) -> None:
    isolated(project, "a.b/über mich.py", "return event.name")
    await engine.start()

    assert await engine.run_task("a.b:über mich") == "a.b:über mich"


async def test_helpers_of_the_project_can_be_imported_and_are_fresh_each_time(
    project: Project, engine: Engine
) -> None:
    project.write("tasks/_shared.py", "count = 0\n")
    isolated(
        project, "job.py", "from tasks import _shared\n_shared.count += 1\nreturn _shared.count"
    )
    await engine.start()

    assert [await engine.run_task("job") for _ in range(2)] == [1, 1]


async def test_a_task_without_a_file_says_what_is_wrong(project: Project, engine: Engine) -> None:
    @task(isolation="process")
    def added(event: object) -> None:
        """Never called."""

    engine.add(added, "added")
    await engine.start()

    with pytest.raises(TaskFailed, match='isolation = "process", but its code is in no file'):
        await engine.run_task("added")


async def test_a_function_that_the_program_adds_runs_if_it_can_be_imported(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "billing_of_a_program.py",
        """
        import os
        from taskengine import task

        @task(isolation="process")
        def bill(event):
            return [os.getpid(), event.payload["n"]]
        """,
    )
    monkeypatch.syspath_prepend(project.root)
    added = importlib.import_module("billing_of_a_program")
    async with Engine() as engine:
        engine.add(added.bill, "billing")

        pid, number = cast("list[int]", await engine.run_task("billing", {"n": 1}))

    assert (pid != os.getpid(), number) == (True, 1)


async def test_a_typed_payload_arrives_typed_and_a_wrong_one_is_refused(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/job.py",
        """
        from dataclasses import dataclass
        from taskengine import TaskEvent, task

        @dataclass
        class Job:
            days: int = 7

        @task(isolation="process")
        def run(event: TaskEvent[Job]):
            return [type(event.payload).__name__, event.payload.days]
        """,
    )
    await engine.start()

    assert await engine.run_task("job") == ["Job", 7]
    with pytest.raises(InvalidPayload, match="days"):
        await engine.run_task("job", {"days": "many"})


async def test_the_callers_context_travels_as_far_as_json_carries_it(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "return event.context.extra['user']")
    await engine.start()

    assert await engine.run_task("job", None, {"user": "ada"}) == "ada"
    with pytest.raises(InvalidPayload, match=r"context.user is of type object.*process of its own"):
        await engine.run_task("job", None, {"user": object()})


async def test_the_process_is_as_the_engines_own(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolated(
        project,
        "job.py",
        """
        import os, sys, time
        zone = os.environ.get("TZ") and time.strftime("%Z")
        return [os.getcwd(), zone, sys.executable, sys.path, sys.stdin.read()]
        """,
    )
    await engine.start()
    await engine.run_task("job")
    monkeypatch.setenv("TZ", "LATER-3")  # set after the server began
    monkeypatch.chdir(project.root)

    expected = [str(project.root), "LATER", sys.executable, sys.path, ""]
    assert await engine.run_task("job") == expected


async def test_exit_handlers_run(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "import atexit\natexit.register(print, 'bye')\nreturn 1")
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert (ended.run.result, ended.texts) == (1, ["bye"])


async def test_an_exit_handler_that_hangs_holds_up_nobody(project: Project, engine: Engine) -> None:
    isolated(project, "job.py", "import atexit, time\natexit.register(time.sleep, 600)\nreturn 1")
    await engine.start()

    assert await engine.run_task("job") == 1


async def test_closing_the_connection_to_the_engine_is_told(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "import os\nprint('before')\nos.closerange(3, 4096)\nreturn 1")
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert ended.run.state is RunState.CRASHED
    assert ended.texts[0] == "before"
