"""A task that forks: the child ends with its own code and never takes part in the engine's work."""

import pytest

from support.project import Project
from taskengine import Engine
from taskengine.output import OutputLine

KINDS = pytest.mark.parametrize("kind", ["async def", "def"])
FORK = """
import os, sys
pid = os.fork()
if pid == 0:
    print("from the child")
    {end}
return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def texts(engine: Engine, run_id: int) -> list[str]:
    output = engine.history.output(run_id)
    assert output is not None
    return [OutputLine.decode(line).text for line in output.read(0, 100)]


@KINDS
@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("return", 0),
        ("sys.exit(7)", 7),
        ("sys.exit()", 0),
        ("os._exit(5)", 5),
        ("raise ValueError('of the child')", 1),
    ],
)
async def test_the_child_has_an_exit_code_of_its_own(
    project: Project, engine: Engine, kind: str, end: str, code: int
) -> None:
    end = end.replace("os._exit", "sys.stdout.flush(); os._exit")
    project.task("forking.py", FORK.format(end=end), kind=kind)
    await engine.start()

    run = await engine.wait((await engine.start_run("forking")).id)

    assert run.result == code
    lines = texts(engine, run.id)
    assert lines[0] == "from the child"
    assert lines[1:2] == (["Traceback (most recent call last):"] if code == 1 else [])


async def test_a_child_that_awaits_ends_and_no_other_task_goes_on_in_it(
    project: Project, engine: Engine
) -> None:
    project.task(
        "forking.py",
        """
        import asyncio, os
        ready = asyncio.Event()
        async def other():
            ready.set()
            await asyncio.sleep(0)
            print("other")
        sibling = asyncio.create_task(other())
        await ready.wait()
        pid = os.fork()
        if pid == 0:
            await asyncio.sleep(0)
            print("the child goes on")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        await sibling
        return code
        """,
    )
    await engine.start()

    run = await engine.wait((await engine.start_run("forking")).id)

    lines = texts(engine, run.id)
    assert lines.count("other") == 1
    assert "the child goes on" not in lines


async def test_a_fork_in_a_part_of_a_task_leaves_the_loop_alone(
    project: Project, engine: Engine
) -> None:
    project.task(
        "forking.py",
        """
        import asyncio, os
        async def part():
            pid = os.fork()
            if pid:
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        first, second = await asyncio.gather(part(), asyncio.sleep(0, "second"))
        print(second)
        return first
        """,
    )
    await engine.start()

    run = await engine.wait((await engine.start_run("forking")).id)

    assert (run.result, texts(engine, run.id)) == (0, ["second"])
