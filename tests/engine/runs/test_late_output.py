"""What belongs to a run and comes at its very end, or after it."""

import subprocess
import threading

from support.project import Project
from taskengine import Engine
from taskengine.capture.sink import LATE
from taskengine.output import OutputKind, OutputLine


def lines(engine: Engine, run_id: int) -> list[tuple[OutputKind, str]]:
    output = engine.history.output(run_id)
    assert output is not None
    decoded = [OutputLine.decode(line) for line in output.read(0, 10_000)]
    return [(line.kind, line.text) for line in decoded]


async def test_a_thread_that_writes_when_its_run_is_over_is_kept_with_it_and_marked(
    project: Project, engine: Engine
) -> None:
    project.task(
        "daemon.py",
        """
        import logging, threading
        extra = event.context.extra
        def late():
            extra["gate"].wait()
            print("late print")
            logging.getLogger("daemon").warning("late record")
            extra["done"].set()
        threading.Thread(target=late, daemon=True).start()
        print("in time")
        """,
        kind="def",
    )
    project.task("next.py", "print('of the next run')", kind="def")
    gate, done = threading.Event(), threading.Event()
    await engine.start()
    run = await engine.start_run("daemon", context={"gate": gate, "done": done})
    await engine.wait(run.id)
    following = await engine.wait((await engine.start_run("next")).id)

    gate.set()
    assert done.wait(20)

    assert lines(engine, run.id) == [
        (OutputKind.STDOUT, "in time"),
        (OutputKind.NOTE, LATE),
        (OutputKind.STDOUT, "late print"),
        (OutputKind.WARNING, "late record"),
    ]
    assert lines(engine, following.id) == [(OutputKind.STDOUT, "of the next run")]


async def test_what_an_unawaited_child_has_written_is_there_when_its_run_is_over(
    project: Project, engine: Engine
) -> None:
    project.task(
        "child.py",
        """
        import os, subprocess
        child = subprocess.Popen(["seq", "5000"])
        event.context.extra['children'].append(child)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        """,
        kind="def",
    )
    children: list[subprocess.Popen[bytes]] = []
    await engine.start()

    run = await engine.start_run("child", context={"children": children})
    await engine.wait(run.id)

    assert [text for _, text in lines(engine, run.id)] == [str(one) for one in range(1, 5001)]
    assert children[0].wait() == 0
