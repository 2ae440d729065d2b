"""`taskconsole task run` in processes of its own, where no engine is at work."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.commands import called
from support.headless import headless
from support.project import Project

COMMAND = Path(sys.executable).with_name("taskconsole")
SOON = 60.0
GREET = """
import logging
import sys
from taskengine import TaskEvent, task

print("imported")

@task()
def run(event: TaskEvent):
    print("hello", event.payload.get("name"))
    print("to stderr", file=sys.stderr)
    logging.warning("careful")
    if event.payload.get("fails"):
        raise ValueError("no good")
    return {"result": {"name": event.payload.get("name")}}
"""
STUBBORN = """
import time
from taskengine import task

@task(schedule="* * * * * *", run_on_startup=True)
def run(event):
    print("at work", flush=True)
    while not (event.payload.get("yields") and event.context.cancelled.is_set()):
        time.sleep(0.01)
"""


HANGS = "import taskengine, threading\nthreading.Event().wait()\n"


def run(root: Path, *arguments: str, given: str | None = None) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `taskconsole task run`."""
    return called_apart(root, "task", "run", *arguments, given=given)


def called_apart(root: Path, *arguments: str, given: str | None = None) -> tuple[int, str, str]:
    """The same of any command, in a process of its own."""
    done = subprocess.run(
        [COMMAND, "--project", root, *arguments],
        input=given or "",
        capture_output=True,
        text=True,
        timeout=SOON,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@contextmanager
def started(root: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A call that goes on."""
    process = subprocess.Popen(
        [COMMAND, "--project", root, "task", "run", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def hear(process: subprocess.Popen[str], words: str) -> None:
    """Read its standard error until it has said this."""
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return
    raise AssertionError(f"{words!r} was not said: {said}")


def states(root: Path) -> list[str]:
    """The states of all runs that are kept, the newest first."""
    runs = called(root, "runs", "list", "--json").json["runs"]
    assert all(one["trigger"] in {"cli", "rerun"} for one in runs)
    return [one["state"] for one in runs]


def test_the_result_is_the_data_and_what_the_task_writes_is_narration(project: Project) -> None:
    project.write("tasks/greet.py", GREET)
    project.write(".taskconsole/history.db", "no database" * 1000)

    code, data, narration = run(project.root, "greet", "--payload", "-", given='{"name": "Zoë"}')
    assert (code, json.loads(data)) == (0, {"name": "Zoë"})
    trouble, *lines = narration.splitlines()
    assert "The history was damaged" in trouble
    assert lines[:4] == ["imported", "hello Zoë", "to stderr", "WARNING careful"]

    code, data, narration = run(project.root, "greet", "--json", "--payload", '{"fails": true}')
    told = json.loads(data)
    assert (code, told["state"], told["error"]["message"]) == (1, "failed", "no good")
    assert "ValueError: no good" in narration
    assert 'raise ValueError("no good")' in narration

    assert states(project.root) == ["failed", "done"]
    logs = called(project.root, "runs", "logs", str(told["id"]), "--tail", "1", "--timestamps")
    assert logs.lines[0].endswith(" WARNING careful")


def test_a_call_that_can_not_be_is_told_and_runs_nothing(project: Project) -> None:
    project.write("tasks/greet.py", GREET)
    project.write("tasks/broken.py", "import taskengine\nimport nothing_there\n")

    code, data, narration = run(project.root, "gret")
    assert (code, data) == (3, "")
    assert "Did you mean `greet`?" in narration
    code, data, narration = run(project.root, "broken")
    assert (code, data) == (4, "")
    assert "broken.py:2: No module named 'nothing_there'" in narration
    assert states(project.root) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"a": }', "line 1, column 7"),
        ("[1]", "not a list"),
        ("", "line 1, column 1"),
        ("@there is no such file", "can't be read"),
    ],
)
def test_a_payload_that_is_none_is_refused_with_its_place(
    project: Project, given: str, words: str
) -> None:
    told = called(project.root, "task", "run", "greet", "--payload", given)
    assert (told.code, told.data) == (2, "")
    assert words in told.narration
    assert not (project.root / ".taskconsole").exists()


def test_a_standard_input_that_is_closed_holds_no_payload(project: Project) -> None:
    command = f'"{COMMAND}" --project "{project.root}" task run greet --payload - <&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard input, line 1, column 1: there is nothing" in done.stderr


def test_a_file_is_named_beside_the_place(project: Project) -> None:
    path = project.write("payload.json", '{\n  "a": 1,\n}\n')
    told = called(project.root, "task", "run", "greet", "--payload", f"@{path}")
    assert told.code == 2
    assert f"{path}, line 2, column 9" in told.narration
    path.write_bytes(b'{"a": "\xff"}')
    told = called(project.root, "task", "run", "greet", "--payload", f"@{path}")
    assert told.code == 2
    assert "is not UTF-8" in told.narration


def test_a_detached_run_needs_an_engine_that_goes_on(project: Project) -> None:
    project.write("tasks/greet.py", GREET)
    code, data, narration = run(project.root, "greet", "--detach")
    assert (code, data) == (4, "")
    assert "taskconsole serve" in narration


def test_interrupted_runs_are_cancelled_while_others_go_on(project: Project) -> None:
    project.write("tasks/stubborn.py", STUBBORN)
    yields = ("stubborn", "--payload", '{"yields": true}')
    with started(project.root, *yields) as one, started(project.root, *yields) as other:
        for process in (one, other):
            hear(process, "at work")
        deadline = time.monotonic() + SOON
        while states(project.root) != ["running", "running"]:  # kept a moment after they began
            assert time.monotonic() < deadline
        one.send_signal(signal.SIGINT)
        other.send_signal(signal.SIGTERM)
        assert [process.wait(SOON) for process in (one, other)] == [130, 143]
        assert one.stdout
        assert one.stdout.read() == ""
    assert states(project.root) == ["cancelled", "cancelled"]


@pytest.mark.slow
def test_a_second_interrupt_leaves_at_once_and_a_kill_is_told(project: Project) -> None:
    project.write("tasks/stubborn.py", STUBBORN)
    with started(project.root, "stubborn") as process:
        hear(process, "at work")
        process.send_signal(signal.SIGINT)
        hear(process, "once more leaves at once")
        process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == 130
    assert states(project.root)[0] in {"cancelled", "interrupted"}

    project.write("taskconsole.toml", "stop_grace = 0.2\n")
    with started(project.root, "stubborn") as process:
        hear(process, "at work")
        process.send_signal(signal.SIGTERM)
        hear(process, "has not stopped in 0.2 s")
        assert process.wait(SOON) == 143

    with started(project.root, "stubborn") as process:
        hear(process, "at work")
        process.kill()
        process.wait()
    assert states(project.root)[0] == "interrupted"


@pytest.mark.slow
def test_an_engine_may_start_while_a_run_goes_on_elsewhere(project: Project) -> None:
    project.write("tasks/stubborn.py", STUBBORN.replace("schedule=", "description="))
    project.write("tasks/greet.py", GREET)
    with started(project.root, "stubborn", "--payload", '{"yields": true}') as process:
        hear(process, "at work")
        with headless(project.root, "--no-schedule") as engine:
            told = called(project.root, "task", "run", "greet", "--payload", '{"name": 1}')
            assert (told.code, told.json) == (0, {"name": 1})
            process.send_signal(signal.SIGINT)
            assert process.wait(SOON) == 130
            engine.signal(signal.SIGTERM)
            assert engine.end() == 0
    assert states(project.root) == ["done", "cancelled"]


def test_an_import_that_hangs_is_waited_for_no_longer_than_is_wanted(project: Project) -> None:
    hangs = project.write("tasks/hangs.py", HANGS)
    code, data, narration = run(project.root, "hangs", "--import-timeout", "0.5")
    assert (code, data) == (4, "")
    (line,) = (one for one in narration.splitlines() if str(hangs) in one)
    assert "its import took more than 0.5 s, and nothing was run" in line
    assert "--import-timeout" in narration
    assert states(project.root) == []


def test_a_run_does_not_wait_for_an_import_that_hangs_either(project: Project) -> None:
    hangs = project.write("tasks/a_hangs.py", HANGS)
    project.write("tasks/other.py", GREET)
    project.task("calls.py", 'return await event.context.run_task("other")')
    code, data, narration = run(project.root, "calls", "--import-timeout", "0.5")
    assert (code, data) == (4, "")
    (line,) = (one for one in narration.splitlines() if str(hangs) in one)
    assert "its import took more than 0.5 s, and run #1 that waited for it is cancelled" in line
    assert "--import-timeout" in narration
    assert states(project.root) == ["cancelled"]


def test_a_task_runs_whatever_the_imports_of_others_do(project: Project) -> None:
    project.write("tasks/a_hangs.py", HANGS)
    project.write("tasks/greet.py", GREET)
    project.write("tasks/z_hangs.py", HANGS)
    code, data, narration = run(project.root, "greet")
    assert (code, json.loads(data)) == (0, {"name": None})
    assert "_hangs.py" not in narration

    told = called(project.root, "runs", "list", "--json").json["runs"]
    code, data, _ = called_apart(project.root, "runs", "rerun", str(told[0]["id"]))
    assert (code, json.loads(data)) == (0, {"name": None})
    assert states(project.root) == ["done", "done"]


@pytest.mark.slow
def test_whose_import_a_run_waits_for_is_told(project: Project) -> None:
    project.task("calls.py", 'return await event.context.run_task("hangs")')
    project.write("tasks/hangs.py", HANGS)
    with started(project.root, "calls") as process:
        hear(process, "tasks/hangs.py: importing takes more than 10 seconds")
        process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == 130
