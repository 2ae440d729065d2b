"""Schedules from files and from the config, and what is wrong with them."""

import pytest

from support.catalog import call, only_problem
from support.project import Project as Files
from taskengine.problem import ProblemKind
from taskengine.project.catalog import Catalog
from taskengine.project.project import Project


def told(catalog: Catalog, task: str) -> list[tuple[str, str, object, str]]:
    return [
        (one.cron.expression, one.cron.timezone, one.payload, one.source)
        for one in catalog.entries[task].schedules
    ]


def test_schedules_next_to_the_task_and_in_the_config_come_together(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import Schedule, task

        EXPRESSION = "5 * * * *"

        @task(
            schedule=[
                "1 * * * *",
                Schedule("2 * * * *", timezone="Asia/Tokyo", payload={"n": 2}),
                EXPRESSION,
            ]
        )
        def run(event): ...
        """,
    )
    project.write(
        "taskconsole.toml",
        '[scheduled_tasks]\n"3 * * * *" = {task = "a", payload = {n = 3}}\n'
        '[tasks.a]\nschedule = "4 * * * *"\n',
    )

    scanned, loaded = opened.scan(), opened.load()

    chatham = "Pacific/Chatham"
    assert told(loaded, "a") == [
        ("1 * * * *", chatham, {}, "tasks/a.py:7"),
        ("2 * * * *", "Asia/Tokyo", {"n": 2}, "tasks/a.py:8"),
        ("5 * * * *", chatham, {}, "tasks/a.py:12"),
        ("3 * * * *", chatham, {"n": 3}, "taskconsole.toml:2"),
        ("4 * * * *", chatham, {}, "taskconsole.toml:4"),
    ]
    assert told(scanned, "a") == [one for one in told(loaded, "a") if one[0] != "5 * * * *"]
    assert loaded.schedules == loaded.entries["a"].schedules


def test_equal_schedules_from_several_places_are_one(project: Files, opened: Project) -> None:
    project.task("a.py", "...", options='schedule="@daily"')
    project.write(
        "taskconsole.toml",
        '[scheduled_tasks]\n"0 0 * * *" = ["a", {task = "a", payload = {x = 1}}]\n'
        '[tasks.a]\nschedule = [{cron = "@daily", timezone = "Pacific/Chatham"}]\n',
    )

    assert [payload for _, _, payload, _ in told(opened.load(), "a")] == [{}, {"x": 1}]


def test_the_nearest_zone_counts(project: Files, opened: Project) -> None:
    project.task("a.py", "...", options='schedule="@daily"')
    project.task("b.py", "...", options='schedule="@daily"')
    project.write(
        "taskconsole.toml",
        'timezone = "Europe/London"\n[scheduled_tasks]\n'
        '"@weekly" = {task = "a", timezone = "UTC"}\n[tasks.a]\ntimezone = "Asia/Tokyo"\n',
    )

    catalog = opened.load()

    assert catalog.timezone == "Europe/London"
    assert [zone for _, zone, _, _ in told(catalog, "a")] == ["Asia/Tokyo", "UTC"]
    assert [zone for _, zone, _, _ in told(catalog, "b")] == ["Europe/London"]


def test_without_a_zone_in_the_config_the_machine_s_counts(opened: Project) -> None:
    assert opened.scan().timezone == "Pacific/Chatham"


def test_an_unknown_task_in_a_schedule_is_a_problem_and_the_rest_goes_on(
    project: Files, opened: Project
) -> None:
    project.task("clean.py", "...")
    path = project.write("taskconsole.toml", '[scheduled_tasks]\n"@daily" = ["claen", "clean"]')

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.kind, problem.path, problem.line) == (ProblemKind.SCHEDULE, path, 2)
    assert problem.message == "schedule '@daily': there is no task `claen`"
    assert problem.hint == "did you mean `clean`?"
    assert len(catalog.entries["clean"].schedules) == 1


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ('"99 * * * *"', "schedule '99 * * * *': "),
        ('Schedule("@daily", timezone="Mars/Base")', "there is no time zone 'Mars/Base'"),
        ('Schedule("@daily", payload={"x": {1}})', "the payload can't be JSON: "),
    ],
)
def test_a_schedule_that_can_not_fire_is_a_problem_at_its_line(
    project: Files, opened: Project, schedule: str, message: str
) -> None:
    path = project.write(
        "tasks/a.py",
        "from taskengine import Schedule, task\n"
        f'@task(schedule=[\n    {schedule},\n    "@weekly",\n])\ndef run(event): ...\n',
    )

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.kind, problem.path, problem.line, problem.task) == (
        ProblemKind.SCHEDULE,
        path,
        3,
        "a",
    )
    assert message in problem.message
    assert [one.cron.expression for one in catalog.entries["a"].schedules] == ["@weekly"]
    assert catalog.entries["a"].function


@pytest.mark.parametrize("schedule", ['{"cron": "@daily"}', '["@weekly", {"cron": "@daily"}]', "5"])
def test_what_is_no_schedule_is_told_as_such_with_its_line(
    project: Files, opened: Project, schedule: str
) -> None:
    path = project.task("a.py", "...", options=f"schedule={schedule}")

    problem = only_problem(opened.load())

    assert (problem.path, problem.line, problem.task) == (path, 4, "a")
    assert "a schedule is a cron expression or a Schedule, not " in problem.message


def test_no_schedule_may_be_said_in_so_many_words(project: Files, opened: Project) -> None:
    project.task("a.py", "return 1", options="schedule=None", kind="def")

    catalog = opened.load()

    assert (catalog.problems, catalog.schedules) == ((), ())
    assert call(catalog, "a") == 1


def test_the_same_schedule_on_another_line_keeps_its_key(project: Files, opened: Project) -> None:
    path = project.task("a.py", "...", options='schedule="@daily"')
    (before,) = opened.load().entries["a"].schedules

    path.write_text("\n\n" + path.read_text())
    (after,) = opened.reload({path}).entries["a"].schedules

    assert (before.line, after.line, before.identity == after.identity) == (4, 6, True)


def test_problems_stand_in_the_order_of_their_places(project: Files, opened: Project) -> None:
    project.write("taskconsole.toml", '[scheduled_tasks]\n"@daily" = "x"\nnope = "y"\n')
    project.write("tasks/b.py", "")
    project.write("tasks/a.py", "import taskengine\n(\n")

    problems = opened.load().problems

    places = [(problem.path, problem.line) for problem in problems]
    assert [(path.name if path else "", line) for path, line in places] == [
        ("taskconsole.toml", 2),
        ("taskconsole.toml", 3),
        ("a.py", 2),
        ("b.py", None),
    ]


def test_a_task_that_can_run_shows_what_is_wrong_with_its_schedule(
    project: Files, opened: Project
) -> None:
    project.task("a.py", "return 1", options='schedule=["99 * * * *", "@daily"]', kind="def")

    for catalog in (opened.scan(), opened.load()):
        entry = catalog.entries["a"]
        assert entry.problem == only_problem(catalog)
        assert entry.problem.kind is ProblemKind.SCHEDULE
        assert [one.cron.expression for one in entry.schedules] == ["@daily"]
    assert call(catalog, "a") == 1


def test_an_import_that_fails_comes_before_a_wrong_schedule(
    project: Files, opened: Project
) -> None:
    project.write("taskconsole.toml", '[tasks.a]\nschedule = "99 * * * *"\n')
    project.write("tasks/a.py", "from taskengine import task\n1 / 0\n")

    catalog = opened.load()

    problem = catalog.entries["a"].problem
    assert problem is not None
    assert problem.kind is ProblemKind.IMPORT
    assert len(catalog.problems) == 2


def test_a_payload_that_fails_while_it_is_looked_at_is_a_fault_of_its_schedule(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import Schedule, task

        deep = []
        for _ in range(100_000):
            deep = [deep]

        @task(schedule=Schedule("@daily", payload={"deep": deep}))
        def run(event): ...
        """,
    )

    assert only_problem(opened.load()).kind is ProblemKind.SCHEDULE
