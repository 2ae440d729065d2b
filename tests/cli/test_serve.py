"""`taskconsole serve`, in processes of its own."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support.commands import called
from support.headless import COMMAND, headless
from support.project import Project
from support.service_manager import service_manager

SOON = 60.0
BUSY = """
import time
from taskengine import task

@task()
def run(event):
    print("at work")
    while not event.context.cancelled.is_set() and not event.payload.get("stubborn"):
        time.sleep(0.01)
    time.sleep(60 if event.payload.get("stubborn") else 0)
"""


def test_the_journal_tells_what_happens_and_what_tasks_write(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", f"@taskconsole {project.root}")
    project.write("taskconsole.toml", "stop_grace = 0.2\n")
    project.write("tasks/busy.py", BUSY)
    project.task("bad.py", 'print("one\\ntwo")\nraise ValueError("no good")')
    project.write("tasks/stray.py", "print('stray')\n")

    with (
        service_manager(os.environ["NOTIFY_SOCKET"]) as systemd,
        headless(project.root, "--port", "0") as engine,
    ):
        listening = next(one for one in engine.told if one["event"] == "listening")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", listening["url"])
        assert Path(listening["socket"]).is_socket()
        health = engine.told[-1]
        assert (health["task_count"], health["running"], health["problem_count"]) == (3, 0, 1)
        assert systemd.hear() == ["READY=1", f"STATUS={health['message']}"]
        assert any(one["event"] == "problem_raised" for one in engine.told)
        assert [one["changed"] for one in engine.told if one["event"] == "catalog_changed"] == [[]]

        assert called(project.root, "task", "run", "bad").code == 1
        ended = engine.wait_for("run_ended", task="bad")
        assert (ended["state"], ended["error"]["message"]) == ("failed", "no good")
        assert ended["duration"] >= 0
        of_run = [one for one in engine.told if one.get("run") == ended["run"]]
        events = [one["event"] for one in of_run]
        assert events == ["run_queued", "run_started", "output", "output", "run_ended"]
        assert [one["text"] for one in of_run[2:4]] == ["one", "two"]

        run = called(project.root, "task", "run", "busy", "--detach").json
        engine.wait_for("output", run=run, text="at work")
        second = subprocess.run(
            [COMMAND, "--project", project.root, "serve"],
            capture_output=True,
            text=True,
            timeout=SOON,
            check=False,
        )
        assert second.returncode == 4
        assert str(engine.process.pid) in second.stderr
        engine.signal(signal.SIGTERM)
        assert systemd.hear()[0] == "STOPPING=1"
        assert engine.end() == 0
        assert engine.told[-1]["state"] == "stopped"
    assert called(project.root, "runs", "show", str(run), "--json").json["state"] in {
        "cancelled",
        "interrupted",
    }
    assert not (project.root / ".taskconsole/engine.json").exists()


@pytest.mark.parametrize("option", [["--port", "0"], ["--no-schedule"], ["--attach", ":1"]])
def test_an_option_of_the_console_is_not_passed_over(project: Project, option: list[str]) -> None:
    told = called(project.root, *option, "serve")
    assert told.code == 2
    assert option[0] in told.narration
    assert "not for a command" in told.narration


def test_it_goes_on_when_nobody_reads_its_journal(project: Project) -> None:
    project.task("hello.py", 'print("\\x1b[2Jhello")\nreturn 42')
    reader, writer = os.openpty()
    with subprocess.Popen(
        [COMMAND, "--project", project.root, "serve", "--no-schedule"],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    ) as engine:
        os.close(writer)
        with os.fdopen(reader) as journal:
            line = next(line for line in journal if "engine well" in line)
            assert called(project.root, "task", "run", "hello").json == 42
            written = next(line for line in journal if "hello #1 |" in line)
            assert written.endswith(" hello #1 | hello\n"), "it could steer the terminal"
        assert "1 task, 0 schedules, 0 problems, 0 running, 0 queued, schedules don't fire" in line
        for _ in range(2):
            assert called(project.root, "task", "run", "hello").json == 42
        engine.send_signal(signal.SIGINT)
        _, errors = engine.communicate(timeout=SOON)
        assert (engine.returncode, errors) == (0, "")


@pytest.mark.slow
def test_it_comes_back_to_where_it_can_be_reached(project: Project) -> None:
    project.task("hello.py", "return 1")
    with socket.create_server(("127.0.0.1", 0)) as taken, headless(project.root) as engine:
        first = next(one for one in engine.told if one["event"] == "listening")
        Path(first["socket"]).unlink()
        Path(first["socket"]).touch()  # so that it can't be the same again
        again = engine.wait_for("listening")
        assert again["socket"] != first["socket"]
        assert called(project.root, "task", "run", "hello").json == 1
        engine.wait_for("run_ended", task="hello")
        Path(first["socket"]).unlink()

        port = taken.getsockname()[1]
        project.write("taskconsole.toml", f"[server]\nport = {port}\n")
        told = engine.wait_for("problem_raised", kind="server")
        assert "the port is in use" in told["message"]
        taken.close()
        assert engine.wait_for("listening")["url"] == f"http://127.0.0.1:{port}"
        assert [one["event"] for one in engine.told].count("problem_raised") == 1
        engine.signal(signal.SIGTERM)
        assert engine.end() == 0


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(project: Project) -> None:
    project.write("taskconsole.toml", "stop_grace = 600\n")
    project.write("tasks/busy.py", BUSY)
    with headless(project.root) as engine:
        run = called(
            project.root, "task", "run", "busy", "--detach", "--payload", '{"stubborn": true}'
        ).json
        engine.wait_for("output", run=run, text="at work")
        engine.signal(signal.SIGTERM)
        engine.wait_for("engine_state_changed", state="stopping")
        engine.signal(signal.SIGTERM)
        assert engine.end() == 143
    assert called(project.root, "runs", "show", str(run), "--json").json["state"] == "interrupted"


@pytest.mark.slow
def test_it_starts_with_no_stream_open_and_refuses_a_port_that_is_taken(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [COMMAND, "--project", project.root, "serve", "--port", port],
            capture_output=True,
            text=True,
            timeout=SOON,
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr.startswith(f"The server can't listen on 127.0.0.1:{port}")
    closed = f'exec "{COMMAND}" --project "{project.root}" serve <&- >&- 2>&-'
    with subprocess.Popen(["sh", "-c", closed]) as engine:
        while called(project.root, "task", "list", "--json").json["engine"] is False:
            assert engine.poll() is None
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(SOON) == 0
