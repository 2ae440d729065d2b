"""`taskconsole task list` and `task show`, where no engine is at work."""

import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from support.commands import called
from support.project import Project
from taskconsole.cli.printing import print_json
from taskengine import Engine

COMMAND = Path(sys.executable).with_name("taskconsole")
FORBIDDEN = (
    "textual", "asyncio", "watchfiles", "starlette", "uvicorn", "httpx", "sqlite3",
    "cron_descriptor", "http.client",
)  # fmt: skip


def test_tasks_are_listed_one_a_line_with_their_schedules(project: Project) -> None:
    project.task(
        "db/migrate.py", "return 1", options='description="Run\\x1b[2J it", schedule="@daily"'
    )
    project.task("other.py", "return 1", options='name="CSI \\x9b31m"')
    facts = called(project.root, "task", "list", "--json")
    assert "\x9b" not in facts.data
    assert facts.json["tasks"][1]["title"] == "CSI \x9b31m"

    told = called(project.root, "task", "list")

    first, second = told.lines
    assert first.split() == ["db:migrate", "daily", "at", "00:00", *first.split()[4:]]
    assert first.endswith("Run it")
    assert second.split()[:4] == ["other", "-", "-", "-"]
    assert second.isprintable()
    assert (told.code, told.narration) == (0, "")


def test_no_code_runs_for_what_the_text_tells(project: Project) -> None:
    project.write("tasks/loud.py", "import taskengine\nraise SystemExit('imported')\n")
    project.write(
        "tasks/plain.py",
        """
        from taskengine import Schedule, task
        raise SystemExit("imported")
        @task(description="Told", schedule=["@daily", Schedule("0 4 * * *")], key=len)
        async def run(event): ...
        """,
    )

    told = called(project.root, "task", "list", "--json").json["tasks"]

    plain = next(one for one in told if one["name"] == "plain")
    assert (plain["description"], plain["runnable"]) == ("Told", True)
    assert [one["cron"] for one in plain["schedules"]] == ["@daily", "0 4 * * *"]
    assert datetime.fromisoformat(plain["next_fire"]).tzinfo is not None
    loud = next(one for one in told if one["name"] == "loud")
    assert not loud["runnable"], "its text does not say that it has a task, so it was imported"


def test_a_schedule_that_code_computes_is_listed_too(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    project.write(
        "tasks/computed.py",
        """
        from taskengine import task
        print("printed at import")
        HOUR = 3
        @task(schedule=f"0 {HOUR} * * *")
        async def run(event): ...
        """,
    )
    project.write(
        "tasks/options.py",
        """
        from taskengine import task
        @task(**{"description": "From a dict"})
        async def run(event): ...
        """,
    )

    project.write("tasks/vanishes.py", "import os, taskengine; os._exit(3)\n")

    told = called(project.root, "task", "list", "--json")

    computed, options, vanishes = told.json["tasks"]
    assert [one["cron"] for one in computed["schedules"]] == ["0 3 * * *"]
    assert options["description"] == "From a dict"
    assert (vanishes["name"], vanishes["runnable"]) == ("vanishes", False)
    assert "its import ended the process (exit code 3)" in told.narration
    assert "printed at import" in capfd.readouterr().err


def test_problems_and_an_empty_project_are_told_on_the_side(project: Project) -> None:
    empty = called(project.root, "task", "list")
    assert (empty.code, empty.data) == (0, "")
    assert "task new" in empty.narration

    project.write("tasks/stray.py", "print('hello')\n")
    told = called(project.root, "task", "list", "--json")
    assert "1 problem: `taskconsole check` tells more." in told.narration
    assert told.json["problems"] == called(project.root, "check", "--json").json["problems"]


def test_the_list_costs_no_import_that_it_does_not_need(project: Project) -> None:
    project.task("a.py", "return 1", options='schedule="@daily"')
    code = (
        "import sys, click\n"
        "from taskconsole.cli import taskconsole\n"
        f"call = ['--project', {str(project.root)!r}, 'task', 'list']\n"
        "taskconsole(call, standalone_mode=False)\n"
        f"print(*(name for name in {FORBIDDEN!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


def test_a_task_is_shown_with_all_that_its_code_tells(project: Project) -> None:
    project.write(
        "tasks/mail.py",
        """
        from dataclasses import dataclass
        from taskengine import TaskEvent, task
        @dataclass
        class Mail:
            to: str
        @task(description="Send it", schedule="0 9 * * MON", timezone="Europe/London", retries=2)
        async def run(event: TaskEvent[Mail]): ...
        """,
    )

    shown = called(project.root, "task", "show", "mail")
    for words in ("Send it", "0 9 * * MON", "Europe/London", "retries = 2", '"to"', "mail.py:"):
        assert words in shown.data
    facts = called(project.root, "task", "show", "mail", "--json").json
    assert facts["view"]["schema"]["required"] == ["to"]
    assert len(facts["next_fires"]) == 5
    assert facts["runs"] == []

    unknown = called(project.root, "task", "show", "mial")
    assert (unknown.code, unknown.data) == (3, "")
    assert "Did you mean `mail`?" in unknown.narration


async def test_what_the_history_knows_is_listed_too(project: Project) -> None:
    project.task("bad.py", 'raise ValueError("no good")', options='schedule="@daily"')
    project.task("other.py", "return 1")
    async with Engine(project.root, scheduler=False) as engine:
        run = await engine.start_run("bad")
        await engine.wait(run.id)
    called(project.root, "schedule", "pause", "bad", "--reason", "until it is mended")
    shown = called(project.root, "task", "show", "bad", "--json").json
    assert (shown["paused"], shown["pause_reason"]) == (True, "until it is mended")

    bad, other = called(project.root, "task", "list", "--json").json["tasks"]
    assert (bad["paused"], bad["active"], bad["last"]["state"]) == (True, [], "failed")
    assert [one["short_words"] for one in bad["schedules"]] == ["daily at 00:00"]
    assert datetime.fromisoformat(bad["last"]["ended_at"]).tzinfo is not None
    assert (other["paused"], other["active"], other["last"]) == (False, [], None)

    (project.root / ".taskconsole/history.db").write_bytes(b"no database" * 1000)
    told = called(project.root, "task", "list", "--json")
    bad, _ = told.json["tasks"]
    assert (told.code, bad["paused"], bad["active"], bad["last"]) == (0, None, None, None)
    assert "the history can't be read: file is not a database" in told.narration


def test_streams_of_any_kind_are_written_to(project: Project) -> None:
    project.task("ü.py", "return 1", options='description="naïve 日本"')
    command = f'"{COMMAND}" --project "{project.root}" task list'
    latin = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    for closed, env in (("", latin), ("<&- >&- 2>&-", None)):
        done = subprocess.run(
            ["sh", "-c", f"{command} {closed}"], env=env, capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), closed
        if env:
            assert done.stdout.endswith("naïve \\u65e5\\u672c\n".encode("latin-1"))


def test_json_is_json_where_not_all_characters_are_known(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    latin = io.TextIOWrapper(io.BytesIO(), "latin-1", errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", latin)
    print_json({"é": "日本 😀"})
    assert json.loads(latin.buffer.getvalue().decode("latin-1")) == {"é": "日本 😀"}
