"""The limit on a run's memory."""

from collections.abc import Sequence

import pytest

from support.isolated import isolated, isolated_both, run_to_end
from support.project import Project
from taskengine import Engine, RunState, TaskFailed
from taskengine.errors import TaskCrashed


@pytest.fixture(autouse=True)
def _in_the_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.root)


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param(
            (
                "x = []\nwhile True: x.append(bytearray(16 << 20))",
                "return len(bytes(1 << 40))",
            ),
            id="large objects",
        ),
        pytest.param(
            ("x = []\nwhile True: x.append(str(len(x)))",),
            id="many small objects",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_a_run_that_takes_too_much_is_told_so(
    project: Project, engine: Engine, bodies: Sequence[str]
) -> None:
    jobs = [
        job
        for number, body in enumerate(bodies)
        for job in isolated_both(project, body, options='memory="200MB"', name=str(number))
    ]
    await engine.start()

    for job in jobs:
        ended = await run_to_end(engine, job)

        assert ended.message == "the run went over its memory limit of 200 MB"
        assert ended.run.error is not None
        assert ended.run.error.type == "MemoryError"


async def test_a_caller_is_told_of_the_limit_and_the_record_of_the_place(
    project: Project, engine: Engine
) -> None:
    isolated(project, "job.py", "bytes(1 << 40)", options='memory="200MB"')
    await engine.start()

    with pytest.raises(TaskFailed, match=r"^MemoryError: the run went over its memory limit of"):
        await engine.run_task("job")
    run = (await run_to_end(engine, "job")).run
    assert run.error is not None
    assert "tasks/job.py" in run.error.traceback


async def test_c_code_that_gives_up_at_the_limit_is_a_crash_that_names_it(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        libc.malloc.restype = ctypes.c_void_p
        while (place := libc.malloc(1 << 20)):
            ctypes.memset(place, 1, 1 << 20)
        os.abort()
        """,
        options='memory="200MB"',
    )
    await engine.start()

    with pytest.raises(TaskCrashed, match=r"SIGABRT\), at its memory limit of 200 MB"):
        await engine.run_task("job")


async def test_a_file_in_memory_is_not_what_is_limited_and_threads_have_room(
    project: Project, engine: Engine
) -> None:
    isolated(
        project,
        "job.py",
        """
        import mmap, threading
        file = open("large", "wb+")
        file.truncate(1 << 30)
        view = mmap.mmap(file.fileno(), 1 << 30)
        threads = [threading.Thread(target=lambda: None) for _ in range(8)]
        for one in threads: one.start()
        for one in threads: one.join()
        return view[0]
        """,
        options='memory="200MB"',
    )
    await engine.start()

    ended = await run_to_end(engine, "job")

    assert (ended.run.state, ended.run.result) == (RunState.DONE, 0)
