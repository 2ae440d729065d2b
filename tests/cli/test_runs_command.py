"""`taskconsole task` and `taskconsole runs` where an engine is at work, and where it has been."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import Told, called
from support.headless import Headless, headless
from support.project import Project

COMMAND = Path(sys.executable).with_name("taskconsole")
SOON = 60.0
NAP = """
import asyncio
from taskengine import task

@task(description="Sleep\\x1b[31m well")
async def run(event):
    print("asleep")
    await asyncio.sleep(event.payload["seconds"])
    print("awake")
    return "rested"
"""
MAIL = """
from dataclasses import dataclass
from taskengine import TaskEvent, task

@dataclass
class Mail:
    to: str
    size: int = 1

@task()
def run(event: TaskEvent[Mail]):
    for number in range(event.payload.size):
        print("line", number)
    if event.payload.to == "nobody":
        raise ValueError("no such person")
    return event.payload.to
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project(tmp_path_factory.mktemp("project"))
    project.write("taskconsole.toml", "")
    project.write("tasks/nap.py", NAP)
    project.write("tasks/mail.py", MAIL)
    return project.root


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[Headless]:
    with headless(root) as engine:
        yield engine


@pytest.fixture
def call(root: Path, engine: Headless) -> "Call":
    return Call(root)


class Call:
    """Calls commands on the project."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, *arguments: str) -> Told:
        return called(self.root, *arguments)

    def nap(self, seconds: float) -> str:
        """Begin a nap in the engine and give back its run's number."""
        payload = json.dumps({"seconds": seconds})
        return self("task", "run", "nap", "--detach", "--payload", payload).data.strip()

    def state(self, run: str) -> str:
        state: str = self("runs", "show", run, "--json").json["state"]
        return state


def test_a_run_in_the_engine_is_told_as_one_of_our_own(call: Call) -> None:
    told = call("task", "run", "mail", "--payload", '{"to": "Zoë", "size": 12000}')
    assert (told.code, told.json) == (0, "Zoë")
    lines = told.narration.splitlines()
    assert lines[:-1] == [f"line {number}" for number in range(12_000)]
    assert ": done after" in lines[-1]

    told = call("task", "run", "mail", "--json", "--payload", '{"to": "nobody"}')
    assert (told.code, told.json["state"], told.json["trigger"]) == (1, "failed", "cli")
    assert 'raise ValueError("no such person")' in told.narration


def test_what_can_not_be_run_is_told_with_its_exit_code(call: Call) -> None:
    unknown = call("task", "run", "male")
    assert (unknown.code, unknown.data) == (3, "")
    assert "Did you mean `mail`?" in unknown.narration

    invalid = call("task", "run", "mail", "--payload", '{"size": "many"}')
    assert (invalid.code, invalid.data) == (2, "")
    assert "to: is missing" in invalid.narration
    assert "size: must be a whole number" in invalid.narration
    once = call("task", "run", "mail", "--payload", '{"to": "Ann", "size": "many"}')
    assert once.narration.count("size: must be a whole number") == 1

    nitro = call("task", "run", "nap", "--ignore-invalid-payload", "--payload", '{"seconds"')
    assert nitro.code == 1
    assert "KeyError" in nitro.narration
    assert "line 1, column 11" in nitro.narration


def test_the_list_tells_how_tasks_stand(call: Call) -> None:
    call("task", "run", "mail", "--payload", '{"to": "me"}')
    napping = call.nap(60)

    mail, nap = call("task", "list").lines
    assert "done 20" in mail
    assert "running" in nap
    assert nap.endswith("Sleep well"), "its colour could steer the terminal"
    facts = {one["name"]: one for one in call("task", "list", "--json").json["tasks"]}
    assert facts["mail"]["last"]["state"] == "done"
    assert facts["nap"]["active"] == [int(napping)]

    assert call("runs", "cancel", napping).code == 0
    assert call("runs", "logs", "-f", napping).code == 1


def test_a_run_is_followed_joined_and_cancelled(call: Call) -> None:
    run = call.nap(60)
    with subprocess.Popen(
        [COMMAND, "--project", call.root, "task", "run", "nap", "--payload", '{"seconds": 1}'],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as joining:
        assert joining.stderr
        assert "payload counts: this call's is not used" in joining.stderr.readline()
        assert joining.stderr.readline() == "asleep\n"
        joining.send_signal(signal.SIGINT)
        assert joining.wait(SOON) == 130
        assert "goes on" in joining.stderr.read()
    assert call.state(run) == "running", "it is not this call's alone"

    canceller = threading.Timer(0.2, lambda: called(call.root, "runs", "cancel", run))
    canceller.start()
    followed = call("runs", "logs", "--follow", run)
    canceller.join()
    assert (followed.code, followed.data) == (1, "asleep\n")
    assert call.state(run) == "cancelled"

    again = call("runs", "cancel", run)
    assert (again.code, again.data) == (4, "")
    assert "over already" in again.narration


def test_an_interrupt_cancels_the_run_in_the_engine(call: Call) -> None:
    with subprocess.Popen(
        [COMMAND, "--project", call.root, "task", "run", "nap", "--payload", '{"seconds": 60}'],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "asleep\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(SOON) == 130
    (run,) = call("runs", "list", "--limit", "1", "--json").json["runs"]
    assert (run["task"], run["state"]) == ("nap", "cancelled")


def test_runs_are_found_by_what_they_are(call: Call) -> None:
    call("task", "run", "mail", "--payload", '{"to": "nobody", "size": 3}')
    call("task", "run", "mail", "--payload", '{"to": "somebody"}')

    failed = call("runs", "list", "--task", "mail", "--state", "failed", "--limit", "1")
    (line,) = failed.lines
    assert "ValueError: no such person" in line
    number = line.split()[0]
    assert call("runs", "list", "--text", "somebody", "--json").json["runs"][0]["payload"] == (
        '{"to": "somebody"}'
    )
    assert call("runs", "list", "--until", "2001-01-01").data == ""
    older = call("runs", "list", "--before", number, "--json").json["runs"]
    assert all(one["id"] < int(number) for one in older)
    assert call("runs", "list", "--task", "mial").code == 3
    assert call("runs", "list", "--state", "odd").code == 2
    for no_word in ("!?", " ", os.fsdecode(b"\xff")):
        wrong = call("runs", "list", "--text", no_word)
        assert (wrong.code, wrong.data) == (2, "")
        assert "has no word" in wrong.narration
    assert call("runs", "list", "--task", os.fsdecode(b"\xff")).code == 3
    assert call("task", "run", os.fsdecode(b"\xff")).code == 3

    shown = call("runs", "show", number)
    assert "no such person" in shown.data
    assert '"size": 3' in shown.data
    tail = call("runs", "logs", number, "--tail", "2")
    assert (tail.code, tail.lines) == (0, ["line 1", "line 2"])
    assert call("runs", "logs", "-f", number).code == 1

    rerun = call("runs", "rerun", number, "--json")
    assert (rerun.code, rerun.json["rerun_of"], rerun.json["trigger"]) == (1, int(number), "rerun")


def test_a_run_that_is_not_known_is_told(call: Call) -> None:
    for command in ("show", "logs", "cancel", "rerun"):
        told = call("runs", command, "#999999")
        assert (told.code, told.data) == (3, ""), command
        assert "#999999" in told.narration
        no_number = call("runs", command, "9" * 20)
        assert (no_number.code, no_number.data) == (2, ""), command
        assert "is no number of a run" in no_number.narration


def test_all_of_it_is_there_when_the_engine_is_gone(project: Project) -> None:
    project.write("tasks/mail.py", MAIL)
    with headless(project.root) as engine:
        payload = '{"to": "me", "size": 7000}'
        run = called(project.root, "task", "run", "mail", "--json", "--payload", payload).json
        engine.signal(signal.SIGTERM)
        assert engine.end() == 0
    number = str(run["id"])

    assert called(project.root, "runs", "show", number, "--json").json == run
    (line,) = called(project.root, "runs", "list").lines
    assert line.split()[:4] == [number, "mail", "done", "cli"]
    logs = called(project.root, "runs", "logs", "--follow", number)
    assert (logs.code, len(logs.lines)) == (0, 7000)
    shown = called(project.root, "task", "show", "mail", "--json").json
    assert shown["statistics"]["counts"]["done"] == 1
    assert [one["id"] for one in shown["runs"]] == [run["id"]]
    cancel = called(project.root, "runs", "cancel", number)
    assert cancel.code == 4
    assert called(project.root, "runs", "show", "77").code == 3
    unknown = called(project.root, "runs", "list", "--task", "mial")
    assert (unknown.code, unknown.data) == (3, "")
    assert "Did you mean `mail`?" in unknown.narration
    none = called(project.root, "runs", "list", "--task", "mail", "--state", "failed")
    assert (none.code, none.data, none.narration) == (0, "", "There are no such runs.\n")


def test_where_nothing_ran_there_is_nothing_to_tell(project: Project) -> None:
    assert called(project.root, "runs", "list", "--json").json == {"runs": [], "before": None}
    assert called(project.root, "runs", "show", "1").code == 3
    assert not (project.root / ".taskconsole").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_is_seen_to_its_end_when_the_engine_is_gone(
    project: Project, number: signal.Signals
) -> None:
    project.write("taskconsole.toml", "stop_grace = 0.1\n")
    project.write("tasks/nap.py", NAP)
    payload = ("--payload", '{"seconds": 1000}')
    with headless(project.root) as engine:
        run = called(project.root, "task", "run", "nap", "--detach", *payload).data.strip()
        calls = (["runs", "logs", "-f", run], ["task", "run", "nap", *payload])
        followers = [
            subprocess.Popen(
                [COMMAND, "--project", project.root, *call],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for call in calls
        ]
        for follower in followers:
            assert follower.stdout
            assert any("asleep" in line for line in follower.stdout)
        engine.signal(number)
        said = [follower.communicate(timeout=SOON)[0] for follower in followers]
    assert [follower.returncode for follower in followers] == [1, 1]
    assert f"Run #{run} of nap: interrupted after" in said[1]
