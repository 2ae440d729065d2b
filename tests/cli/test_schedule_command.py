"""`taskconsole schedule`: what comes, what an expression means, pauses."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.commands import called
from support.project import Project
from taskconsole.cli.schedule.clock_changes import clock_changes
from taskengine import Cron, Engine
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.http.server import Server

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def scheduled(project: Project) -> Project:
    """A project with schedules in two zones, one of them written in code."""
    project.write(
        "taskconsole.toml",
        """
        timezone = "Europe/London"
        [scheduled_tasks]
        "0 3 * * *" = "db:migrate"
        "@yearly" = [{ task = "report", timezone = "Asia/Tokyo" }]
        """,
    )
    project.task("db/migrate.py", "return 1", options='schedule="*/" + "5 * * * *"')
    project.task("report.py", "return 1")
    project.task("other.py", "return 1")
    return project


def test_coming_fires_are_told_in_order_with_zone_task_and_expression(scheduled: Project) -> None:
    told = called(scheduled.root, "schedule", "next", "--count", "3")
    assert told.code == 0
    assert [line.split("  ")[2:5] for line in told.lines] == [
        ["db:migrate", "*/5 * * * *", "Europe/London"]
    ] * 3
    assert "No engine runs" in told.narration

    fires = called(scheduled.root, "schedule", "next", "--within", "25h", "--json").json["fires"]
    instants = [datetime.fromisoformat(fire["at"]) for fire in fires]
    assert instants == sorted(instants)
    assert 25 * 12 <= len(fires) <= 25 * 12 + 3
    assert {fire["cron"] for fire in fires} >= {"*/5 * * * *", "0 3 * * *"}
    nightly = next(fire for fire in fires if fire["cron"] == "0 3 * * *")
    assert "T03:00:00" in nightly["local"]


def test_tasks_can_be_named_and_one_that_is_unknown_is_refused(scheduled: Project) -> None:
    (fire,) = called(scheduled.root, "schedule", "next", "report", "--count", "1", "--json").json[
        "fires"
    ]
    assert (fire["task"], fire["timezone"], fire["kind"]) == ("report", "Asia/Tokyo", "schedule")
    assert fire["local"].endswith("-01-01T00:00:00+09:00")

    nothing = called(scheduled.root, "schedule", "next", "other")
    assert (nothing.code, nothing.data, nothing.narration) == (0, "", "Nothing is to fire.\n")

    unknown = called(scheduled.root, "schedule", "next", "db:migrat")
    assert (unknown.code, unknown.data) == (3, "")
    assert "`db:migrate`" in unknown.narration


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--within", "soon"], ["--nonsense"]])
def test_a_wrong_call_is_refused(scheduled: Project, wrong: list[str]) -> None:
    assert called(scheduled.root, "schedule", "next", *wrong).code == 2


def test_what_tasks_print_while_they_are_asked_is_no_data(
    scheduled: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    scheduled.write("tasks/loud.py", "import taskengine\nprint('loud')\n")
    told = called(scheduled.root, "schedule", "next", "--json", "--count", "1")
    assert [len(told.json[key]) for key in ("fires", "problems")] == [1, 1]
    assert told.narration == "1 problem: `taskconsole check` tells more.\n"
    assert capfd.readouterr() == ("", "loud\n")


def test_a_task_whose_import_hangs_or_ends_the_process_still_tells_when_it_fires(
    scheduled: Project,
) -> None:
    scheduled.write(
        "tasks/hangs.py",
        """
        from taskengine import task
        import threading; threading.Event().wait()

        @task(schedule="* * * * *")
        def run(event): ...
        """,
    )
    scheduled.write("tasks/leaves.py", "import os, taskengine\nos._exit(0)\n")
    told = called(scheduled.root, "schedule", "next", "hangs", "--import-timeout", "1")
    assert told.code == 0
    assert len(told.lines) == 10
    assert "tasks/hangs.py:2: its import took more than 1 s and was cut off (" in told.narration
    assert "tasks/leaves.py: its import ended the process (exit code 0)" in told.narration
    assert told.narration.endswith("2 problems: `taskconsole check` tells more.\n")

    for command in (("schedule", "next"), ("task", "show")):
        wrong = called(scheduled.root, *command, "hang", "--import-timeout", "1")
        assert (wrong.code, wrong.data) == (3, "")
        assert wrong.narration == "Task `hang` is not available! Did you mean `hangs`?\n"


async def test_a_pause_without_an_engine_is_known_to_the_next_one(scheduled: Project) -> None:
    root = scheduled.root
    assert called(root, "schedule", "pause", "db:migrate", "--reason", "disk full").code == 0

    told = called(root, "schedule", "next", "db:migrate", "--count", "1")
    assert told.data.rstrip().endswith("paused: disk full")
    async with Engine(root) as engine:
        assert engine.pause_reason("db:migrate") == "disk full"

    told = called(root, "schedule", "resume", "db:migrate", "--json")
    assert told.json == {"task": "db:migrate", "paused": False, "pause_reason": ""}
    async with Engine(root) as engine:
        assert engine.pause_reason("db:migrate") is None


def test_only_a_task_that_is_there_can_be_paused(scheduled: Project) -> None:
    for verb in ("pause", "resume"):
        told = called(scheduled.root, "schedule", verb, "db:migrat")
        assert (told.code, told.data) == (3, "")
        assert "Did you mean `db:migrate`?" in told.narration


def test_a_pause_of_a_task_that_has_gone_can_still_be_lifted(scheduled: Project) -> None:
    called(scheduled.root, "schedule", "pause", "other")
    (scheduled.root / "tasks/other.py").unlink()
    assert called(scheduled.root, "schedule", "resume", "other").code == 0
    assert called(scheduled.root, "schedule", "resume", "other").code == 3


async def test_an_engine_that_would_not_hear_of_a_pause_keeps_it_from_being_written(
    scheduled: Project,
) -> None:
    async with Engine(scheduled.root):
        told = called(scheduled.root, "schedule", "pause", "report")
    assert told.code == 4
    assert "belongs to the engine of process" in told.narration


async def test_runs_of_their_own_do_not_stand_in_the_way_of_a_pause(scheduled: Project) -> None:
    shared = ProjectHistory(scheduled.root, exclusive=False)
    async with Engine(scheduled.root, scheduler=False, history=shared):
        assert called(scheduled.root, "schedule", "pause", "report").code == 0


async def test_a_running_engine_is_asked_and_told(scheduled: Project) -> None:
    root = scheduled.root
    async with Engine(root) as engine:
        server = Server(engine)
        await server.start()
        try:
            later = datetime.now(UTC) + timedelta(seconds=90)
            await engine.run_at(later, "report")
            pausing = ("schedule", "pause", "db:migrate", "--reason", "why not")
            assert (await asyncio.to_thread(called, root, *pausing)).code == 0
            assert engine.pause_reason("db:migrate") == "why not"

            told = await asyncio.to_thread(
                called, root, "schedule", "next", "--count", "40", "--json"
            )
            fires = told.json["fires"]
            (delayed,) = [fire for fire in fires if fire["kind"] == "delayed"]
            assert (delayed["task"], delayed["cron"]) == ("report", None)
            assert delayed["at"].endswith("Z")
            assert datetime.fromisoformat(delayed["at"]) == later
            paused = {fire["task"]: fire["pause_reason"] for fire in fires if fire["paused"]}
            assert paused == {"db:migrate": "why not"}

            unknown = await asyncio.to_thread(called, root, "schedule", "pause", "db:migrat")
            assert unknown.code == 3
            assert "Did you mean `db:migrate`?" in unknown.narration
            resuming = ("schedule", "resume", "db:migrate")
            assert (await asyncio.to_thread(called, root, *resuming)).code == 0
            assert engine.pause_reason("db:migrate") is None
        finally:
            await server.stop()


def test_an_expression_is_explained(project: Project) -> None:
    project.write("taskconsole.toml", 'timezone = "Europe/London"')
    told = called(project.root, "schedule", "explain", "0,30 9 * * MON-FRI", "--count", "2")
    assert told.code == 0
    assert "Every 30 minutes, between 09:00 and 09:59, Monday through Friday" in told.data
    assert "Europe/London" in told.data
    assert "1-5" in told.data
    assert len([line for line in told.lines if ":00 " in line or ":30:00 " in line]) >= 2

    found = called(project.root, "schedule", "explain", "@daily", "--json").json
    assert [field["text"] for field in found["fields"]] == ["0", "0", "*", "*", "*"]
    assert (found["interval"], found["finished"], len(found["next_fires"])) == (False, False, 5)
    finished = called(project.root, "schedule", "explain", "0 0 0 1 1 * 1999", "--json").json
    assert (finished["finished"], finished["next_fires"]) == (True, [])


def test_an_expression_that_can_not_be_used_is_refused_with_a_mend(project: Project) -> None:
    told = called(project.root, "schedule", "explain", "*/90 * * * *")
    assert (told.code, told.data) == (2, "")
    assert told.narration.splitlines() == [
        "*/90 * * * *",
        "^^^^",
        "minute '*/90' has a step larger than the field; allowed: 0-59",
        "a step is a whole number, 1-60",
    ]
    fault = called(project.root, "schedule", "explain", "0 24 * * *", "--json")
    assert fault.code == 2
    assert fault.json["error"] == {
        "message": "hour '24' is out of range; allowed: 0-23",
        "field": "hour",
        "value": "24",
        "allowed": "0-23",
        "hint": "use 0-23",
    }
    zone = called(project.root, "schedule", "explain", "@daily", "--timezone", "Europe/Lodnon")
    assert zone.code == 2
    assert "did you mean 'Europe/London'?" in zone.narration


def test_words_of_an_expression_without_quotes_are_one_and_the_shells_part_is_told(
    project: Project,
) -> None:
    assert called(project.root, "schedule", "explain", "0", "3", "1", "1", "1").code == 0
    spoiled = called(project.root, "schedule", "explain", "0", "3", "tasks", "README.md", "1")
    assert spoiled.code == 2
    assert "quote the expression" in spoiled.narration


@pytest.mark.parametrize(
    ("expression", "skipped", "fires_then", "repeated", "fires_twice"),
    [
        ("30 1 * * *", ["01:30"], ["02:00 BST"], ["01:30"], ["01:30 BST"]),
        ("*/30 1 * * *", ["01:00", "01:30"], [], ["01:00", "01:30"],
         ["01:00 BST", "01:30 BST", "01:00 GMT", "01:30 GMT"]),
        ("0 2 * * *", [], [], [], []),
    ],
)  # fmt: skip
def test_what_happens_when_the_clocks_change_is_told(
    expression: str,
    skipped: list[str],
    fires_then: list[str],
    repeated: list[str],
    fires_twice: list[str],
) -> None:
    cron = Cron(expression, "Europe/London")
    year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
    spring, autumn = clock_changes(cron, *year)
    assert (spring.is_gap, autumn.is_gap) == (True, False)
    assert [f"{time:%H:%M}" for time in spring.times] == skipped
    assert [f"{fire.astimezone(LONDON):%H:%M %Z}" for fire in spring.fires] == fires_then
    assert [f"{time:%H:%M}" for time in autumn.times] == repeated
    assert [f"{fire.astimezone(LONDON):%H:%M %Z}" for fire in autumn.fires] == fires_twice


def test_clock_changes_are_put_into_words(project: Project) -> None:
    arguments = ("schedule", "explain", "30 1 * * *", "--timezone", "Europe/London")
    told = called(project.root, *arguments).data
    assert "01:00 GMT forward to 02:00 BST; 01:30 is skipped; it fires at 02:00 BST" in told
    assert "02:00 BST back to 01:00 GMT; 01:30 comes twice; it fires at 01:30 BST" in told
    assert (
        "none in UTC"
        in called(project.root, "schedule", "explain", "30 1 * * *", "--timezone", "UTC").data
    )
