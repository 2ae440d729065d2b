"""Reading the config: what stands, what is wrong with it, and where."""

import os
import threading
from pathlib import Path

import pytest

from support.project import Project as Files
from taskengine.problem import Problem, ProblemKind
from taskengine.project.config import Config, ScheduleConfig, read_config


def read(project: Files, text: str, *, name: str = "taskconsole.toml") -> Config:
    """The config of a text that has nothing wrong with it."""
    project.write(name, text)
    config, problems = read_config(project.root)
    assert problems == ()
    return config


def faults(project: Files, text: str) -> tuple[Config, list[tuple[int | None, str, str]]]:
    """The config of a faulty text, with line, message and hint of each fault."""
    path = project.write("taskconsole.toml", text)
    config, problems = read_config(project.root)
    assert {(problem.kind, problem.path) for problem in problems} == {(ProblemKind.CONFIG, path)}
    return config, [(one.line, one.message, one.hint) for one in problems]


def only_fault(project: Files, text: str) -> Problem:
    project.write("taskconsole.toml", text)
    _, problems = read_config(project.root)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_project_without_a_config_has_the_defaults(tmp_path: Path) -> None:
    config, problems = read_config(tmp_path)

    assert (config, problems) == (Config(), ())
    assert (config.tasks_dir, config.timezone, config.capture.log_level) == ("tasks", None, "INFO")


def test_every_key_of_today_is_read(project: Files) -> None:
    config = read(
        project,
        """
        tasks_dir = "app/jobs"
        timezone = "Europe/London"

        [tasks."db:migrate"]
        handler = "./jobs/migrate.py"
        description = "Migrate"
        timezone = "Asia/Tokyo"
        schedule = ["@daily", { cron = "@hourly", timezone = "UTC", payload = { a = [1] } }]

        [tasks.one]
        schedule = "@weekly"

        [tasks.two]
        schedule = { cron = "@yearly" }

        [scheduled_tasks]
        "0 3 * * *" = "one"
        "0 4 * * *" = [
          "one",
          { task = "two", timezone = "UTC", payload = { when = 2026-01-02 } },
        ]

        [capture]
        log_level = "debug"
        """,
    )

    assert (config.tasks_dir, config.timezone) == ("app/jobs", "Europe/London")
    assert config.capture.log_level == "DEBUG"
    task = config.tasks["db:migrate"]
    assert (task.handler, task.description) == ("./jobs/migrate.py", "Migrate")
    assert task.options["timezone"].value == "Asia/Tokyo"
    assert (task.line, task.handler_line) == (4, 5)
    assert config.schedules == (
        ScheduleConfig(task="one", cron="0 3 * * *", line=17),
        ScheduleConfig(task="one", cron="0 4 * * *", line=19),
        ScheduleConfig(
            task="two",
            cron="0 4 * * *",
            timezone="UTC",
            payload={"when": "2026-01-02"},
            line=20,
        ),
        ScheduleConfig(task="db:migrate", cron="@daily", line=8),
        ScheduleConfig(
            task="db:migrate", cron="@hourly", timezone="UTC", payload={"a": [1]}, line=8
        ),
        ScheduleConfig(task="one", cron="@weekly", line=11),
        ScheduleConfig(task="two", cron="@yearly", line=14),
    )


def test_a_table_in_pyproject_does_as_well(project: Files) -> None:
    (project.root / "taskconsole.toml").unlink()
    config = read(
        project,
        '[project]\nname = "x"\n[tool.taskconsole.tasks.a]\ndescription = "A"\n',
        name="pyproject.toml",
    )

    assert config.path == project.root / "pyproject.toml"
    assert (config.tasks["a"].description, config.tasks["a"].line) == ("A", 3)


def test_taskconsole_toml_wins_over_pyproject_and_that_is_told(project: Files) -> None:
    project.write("taskconsole.toml", 'timezone = "UTC"')
    path = project.write("pyproject.toml", '[x]\n\n[tool.taskconsole]\ntimezone = "Asia/Tokyo"\n')

    config, problems = read_config(project.root)

    assert config.timezone == "UTC"
    assert [(one.path, one.line, one.message) for one in problems] == [
        (path, 3, "[tool.taskconsole] is not used, because there is a taskconsole.toml")
    ]


def test_a_broken_pyproject_beside_taskconsole_toml_harms_nothing(project: Files) -> None:
    project.write("taskconsole.toml", 'timezone = "UTC"')
    path = project.write("pyproject.toml", "[tool.taskconsole\n")

    config, problems = read_config(project.root)

    assert config.timezone == "UTC"
    assert [(one.path, one.message) for one in problems] == [
        (path, "[tool.taskconsole] is not used, because there is a taskconsole.toml")
    ]


def test_one_bad_key_does_not_lose_the_others(project: Files) -> None:
    config, found = faults(
        project,
        """
        timzone = "UTC"
        timezone = "UTC"
        tasks_dir = 3

        [tasks.a]
        handler = "a:b"
        description = ["A"]

        [tasks]
        b = 1

        [capture]
        log_level = "loud"
        """,
    )

    assert found == [
        (1, "unknown key `timzone`", "did you mean `timezone`?"),
        (3, "`tasks_dir` must be text, not a whole number", ""),
        (7, "`description` must be text, not a list", ""),
        (10, "`b` must be a table, not a whole number", ""),
        (
            13,
            "there is no log level 'LOUD'",
            "use one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        ),
    ]
    assert (config.timezone, config.tasks_dir, config.tasks["a"].handler) == ("UTC", "tasks", "a:b")


@pytest.mark.parametrize(
    ("written", "seconds"), [('"1m"', 60), ("2.5", 2.5), ("0", 0), ('"1h30m"', 5400)]
)
def test_the_grace_of_a_stop_is_a_duration(project: Files, written: str, seconds: float) -> None:
    assert read(project, f"stop_grace = {written}").stop_grace == seconds


def test_a_grace_that_is_none_leaves_the_default(project: Files) -> None:
    config, found = faults(project, "stop_grace = -3")

    assert found == [(1, "`stop_grace` can't be negative", "")]
    assert config.stop_grace == 10


def test_a_schedule_with_a_fault_is_left_out_and_the_others_stand(project: Files) -> None:
    config, found = faults(
        project,
        """
        [scheduled_tasks]
        "0 1 * * *" = [
          { task = "a", paylod = { } },
          { timezone = "UTC" },
          7,
          "b",
        ]
        "0 2 * * *" = true
        """,
    )

    assert found == [
        (3, "unknown key `paylod`", "did you mean `payload`?"),
        (4, "`task` is missing", ""),
        (5, "this item must be a table, not a whole number", ""),
        (8, "`0 2 * * *` must be a table, not true or false", ""),
    ]
    assert config.schedules == (ScheduleConfig(task="b", cron="0 1 * * *", line=6),)


@pytest.mark.parametrize("folder", ["", ".", "/tmp/x", "../x", "a/../../x", "src"])
def test_a_tasks_folder_that_is_not_one_inside_the_project_is_refused(
    project: Files, folder: str
) -> None:
    config, found = faults(project, f'tasks_dir = "{folder}"')

    assert (config.tasks_dir, found[0][0]) == ("tasks", 1)
    assert found[0][1].startswith("`tasks_dir` must name a folder of its own inside the project")


def test_an_unknown_zone_is_told_with_the_nearest(project: Files) -> None:
    fault = only_fault(project, '\ntimezone = "Europe/Londn"')

    assert (fault.line, fault.message) == (1, "there is no time zone 'Europe/Londn'")
    assert "Europe/London" in fault.hint


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("a = 1\n[tasks.db:migrate]", 2, 10, 'quote it: [tasks."db:migrate"]'),
        ("[tasks]\ndb:migrate = {}", 2, 3, 'quote it: "db:migrate" = {}'),
        ('[scheduled_tasks]\n0 3 * * * = "a"', 2, 3, 'quote it: "0 3 * * *" = "a"'),
        ("tasks_dir = ./jobs", 1, 13, "text stands in quotes"),
        ("x = [1,\n\n", 1, None, ""),
    ],
)
def test_a_syntax_error_has_its_place_and_a_way_to_mend_it(
    project: Files, text: str, line: int, column: int | None, hint: str
) -> None:
    fault = only_fault(project, text)

    assert (fault.line, fault.column, fault.hint) == (line, column, hint)
    assert fault.message.startswith("not valid TOML: ")
    assert "at line" not in fault.message


def test_a_config_that_is_not_utf_8_or_no_file_is_a_problem(project: Files) -> None:
    path = project.root / "taskconsole.toml"
    for make, undo in (
        (lambda: path.write_bytes(b'timezone = "\xff"'), path.unlink),
        (path.mkdir, path.rmdir),
        (lambda: path.symlink_to("nowhere"), path.unlink),
        (lambda: path.symlink_to("a name too long" * 20), path.unlink),
        (lambda: os.mkfifo(path), path.unlink),
    ):
        make()
        _, problems = read_config(project.root)
        assert [one.message.startswith("can't be read: ") for one in problems] == [True]
        undo()


def test_what_can_not_be_parsed_gives_the_config_as_it_was(project: Files) -> None:
    before = read(project, 'tasks_dir = "jobs"')
    project.write("taskconsole.toml", 'tasks_dir = "jobs')

    after, problems = read_config(project.root, before)

    assert (after, len(problems)) == (before, 1)


def test_names_are_one_however_their_letters_are_composed(project: Files) -> None:
    config = read(project, '[tasks."cafe\u0301"]\ndescription = "C"\n')

    assert config.tasks["caf\u00e9"].description == "C"


def test_a_zone_that_a_task_names_wrongly_is_a_fault_at_its_own_line(project: Files) -> None:
    fault = only_fault(
        project,
        """
        [tasks.report]
        description = "Monthly"
        timezone = "Europe/Lundon"
        """,
    )

    assert (fault.line, fault.hint) == (3, "did you mean 'Europe/London'?")


def test_a_shared_config_that_vanishes_while_it_is_read_is_no_more_than_a_problem(
    project: Files,
) -> None:
    shared = project.root / "pyproject.toml"
    os.mkfifo(shared)

    def write_and_vanish() -> None:
        with shared.open("w") as pipe:
            pipe.write("[tool.taskconsole]\n")
            pipe.flush()
            shared.unlink()

    writer = threading.Thread(target=write_and_vanish)
    writer.start()
    _, problems = read_config(project.root)
    writer.join()

    assert [(problem.path, problem.line) for problem in problems] == [(shared, 1)]


@pytest.mark.parametrize(
    "folder", ["a\\u0000b", "x" * 300, "a/" * 3000 + "b"], ids=["null", "long", "deep"]
)
def test_a_tasks_folder_that_no_file_system_has_is_refused(project: Files, folder: str) -> None:
    config, found = faults(project, f'tasks_dir = "{folder}"')

    assert (config.tasks_dir, found[0][0]) == ("tasks", 1)
    assert found[0][1].startswith("`tasks_dir` ")
    assert len(found[0][1]) < 300


@pytest.mark.parametrize("name", ["taskconsole.toml", "pyproject.toml"])
def test_a_config_that_is_nested_too_deeply_is_not_valid(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("[tool.taskconsole]\nx = " + "[" * 3000 + "]" * 3000)

    config, problems = read_config(tmp_path)

    assert config.tasks_dir == "tasks"
    assert [(problem.path, problem.message) for problem in problems] == [
        (path, "not valid TOML: nested too deeply")
    ]
