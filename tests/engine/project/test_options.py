"""The options of tasks: where they come from, and which of them count."""

from pathlib import Path

import pytest

from support.catalog import only_problem
from support.project import Project as Files
from taskengine import Backoff
from taskengine.options import (
    OPTION_NAMES,
    CatchUp,
    Concurrency,
    Isolation,
    OnInterrupt,
    Options,
)
from taskengine.problem import ProblemKind
from taskengine.project.catalog import Catalog, CatalogEntry
from taskengine.project.option_values import READERS
from taskengine.project.project import Project


def in_code(project: Files, opened: Project, options: str, *, before: str = "") -> Catalog:
    """The catalog of one task `a` with these options on its decorator, which is on line 5."""
    project.write(
        "tasks/a.py",
        f"from taskengine import Backoff, task\nfrom taskengine.options import *\n{before}\n\n"
        f"@task({options})\ndef run(event): return 1\n",
    )
    return opened.load()


def in_config(project: Files, opened: Project, config: str) -> CatalogEntry:
    """The entry of a task `a` without options of its own, in a project with this config."""
    project.task("a.py", "return 1", kind="def")
    project.write("taskconsole.toml", config)
    catalog = opened.load()
    assert catalog.problems == ()
    return catalog.entries["a"]


def test_every_option_can_be_read() -> None:
    assert READERS.keys() == OPTION_NAMES


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ("timeout=90", "timeout", 90.0),
        ("timeout='1h30m'", "timeout", 5400.0),
        ("timeout=None", "timeout", None),
        ("retries=3", "retries", 3),
        ("retries=1, backoff=5", "backoff", Backoff(initial=5)),
        ("retries=1, backoff='10m'", "backoff", Backoff(initial=600, cap=600)),
        ("retries=1, backoff=Backoff(factor=1)", "backoff", Backoff(factor=1)),
        ("retries=1, backoff=Backoff(initial=900)", "backoff", Backoff(initial=900, cap=900)),
        ("retries=1, backoff={'initial': '2s', 'cap': 9}", "backoff", Backoff(initial=2, cap=9)),
        ("retries=1, retry_on=ValueError", "retry_on", ("builtins.ValueError",)),
        ("retries=1, retry_on=[OSError, 'a.Busy']", "retry_on", ("builtins.OSError", "a.Busy")),
        ("retries=1, retry_on=()", "retry_on", ()),
        ("concurrency='queue'", "concurrency", Concurrency.QUEUE),
        ("concurrency=Concurrency.SKIP", "concurrency", Concurrency.SKIP),
        ("concurrency='parallel', limit=4", "limit", 4),
        ("key='tenant'", "key", "tenant"),
        ("isolation='process'", "isolation", Isolation.PROCESS),
        ("isolation='process', memory='512MB'", "memory", 512_000_000),
        ("isolation='process', memory=1 << 30", "memory", 1 << 30),
        ("timezone='Asia/Tokyo'", "timezone", "Asia/Tokyo"),
        ("catch_up='all'", "catch_up", CatchUp.ALL),
        ("catch_up_window='2 days'", "catch_up_window", 172_800.0),
        ("catch_up_limit=7", "catch_up_limit", 7),
        ("jitter='500ms'", "jitter", 0.5),
        ("run_on_startup=True", "run_on_startup", True),
        ("keep_runs=50", "keep_runs", 50),
        ("keep_days=0.5", "keep_days", 0.5),
        ("max_size='50MB'", "max_size", 50_000_000),
        ("max_size=1 << 20", "max_size", 1 << 20),
        ("on_interrupt='rerun'", "on_interrupt", OnInterrupt.RERUN),
        ("on_interrupt=OnInterrupt.KEEP", "on_interrupt", OnInterrupt.KEEP),
    ],
)
def test_an_option_of_the_decorator_counts(
    project: Files, opened: Project, options: str, name: str, value: object
) -> None:
    catalog = in_code(project, opened, options)

    found = catalog.entries["a"].options
    assert (getattr(found, name), catalog.problems) == (value, ())
    assert found.sources[name] == "tasks/a.py:5"


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("timeout = 90", "timeout", 90.0),
        ('timeout = "none"', "timeout", None),
        ("retries = 2", "retries", 2),
        ('retries = 1\nbackoff = "5s"', "backoff", Backoff(initial=5)),
        (
            "retries = 1\nbackoff = { initial = 2, factor = 3.5 }",
            "backoff",
            Backoff(initial=2, factor=3.5),
        ),
        ('retries = 1\nretry_on = "ValueError"', "retry_on", ("ValueError",)),
        ('retries = 1\nretry_on = ["a.B", "a.B", "C"]', "retry_on", ("a.B", "C")),
        ('concurrency = "skip"', "concurrency", Concurrency.SKIP),
        ('concurrency = "parallel"\nlimit = "none"', "limit", None),
        ('key = "to.tenant"', "key", "to.tenant"),
        ('isolation = "process"\nmemory = "1GiB"', "memory", 1 << 30),
        ('timezone = "Asia/Tokyo"', "timezone", "Asia/Tokyo"),
        ('catch_up = "skip"', "catch_up", CatchUp.SKIP),
        ('catch_up_window = "3h"', "catch_up_window", 10_800.0),
        ("catch_up_limit = 10000", "catch_up_limit", 10_000),
        ("jitter = 1.5", "jitter", 1.5),
        ("run_on_startup = true", "run_on_startup", True),
        ("keep_runs = 1", "keep_runs", 1),
        ("keep_days = 30", "keep_days", 30.0),
        ('max_size = "2GiB"', "max_size", 2 << 30),
        ('on_interrupt = "rerun"', "on_interrupt", OnInterrupt.RERUN),
    ],
)
def test_an_option_of_the_config_counts(
    project: Files, opened: Project, line: str, name: str, value: object
) -> None:
    entry = in_config(project, opened, f"[tasks.a]\n{line}\n")

    assert getattr(entry.options, name) == value
    assert entry.options.sources[name] == f"taskconsole.toml:{1 + len(line.splitlines())}"


DURATION = 'a number of seconds, or text such as "90s" or "1h30m"'


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ("timeout='soon'", f"`timeout` must be {DURATION}, not 'soon'", ""),
        ("timeout=True", f"`timeout` must be {DURATION}, not true or false", ""),
        ("timeout=[1]", f"`timeout` must be {DURATION}, not a list", ""),
        ("timeout=-1", "`timeout` can't be negative", ""),
        ("timeout=0", "`timeout` must be more than 0", ""),
        ("timeout=float('nan')", "`timeout` must be a number of a size that makes sense", ""),
        ("timeout=10 ** 400", "`timeout` must be a number of a size that makes sense", ""),
        ("timeout='99999999999w'", "`timeout` must be at most a century", ""),
        ("retries='3'", "`retries` must be a whole number, not '3'", ""),
        ("retries=1.5", "`retries` must be a whole number, not a number", ""),
        ("retries=1001", "`retries` must be at most 1,000", ""),
        ("retries=None", "`retries` must be a whole number, not nothing", ""),
        (
            "concurrency='paralel'",
            "`concurrency` must be join, queue, parallel or skip, not 'paralel'",
            "did you mean `parallel`?",
        ),
        ("isolation='thread'", "`isolation` must be none or process, not 'thread'", ""),
        ("limit=0", "`limit` must be at least 1", ""),
        ("memory='512'", None, ""),
        (
            "memory=512",
            "`memory` is 512 bytes, less than the 16 MB that Python itself takes",
            'write "512MB" for megabytes',
        ),
        ("key=''", None, ""),
        ("retry_on=int", None, ""),
        ("retry_on='not a name'", None, ""),
        (
            "retry_on=(one for one in [ValueError])",
            "`retry_on` must be a list of exceptions, not of type generator",
            "",
        ),
        ("backoff=None", None, ""),
        ("backoff={'inital': 1}", "`backoff` has no key `inital`", "did you mean `initial`?"),
        ("backoff={'jitter': 2}", "`backoff` is wrong: `jitter` must be at most 1", ""),
        ("backoff=Backoff(factor=0.5)", "`backoff` is wrong: `factor` must be at least 1", ""),
        (
            "backoff={'initial': 5, 'cap': 1}",
            "`backoff` has a `cap` that is less than its `initial`",
            "",
        ),
        (
            "timezone='Europe/Londn'",
            "`timezone` is wrong: there is no time zone 'Europe/Londn'",
            "did you mean 'Europe/London'?",
        ),
        ("catch_up='lates'", None, "did you mean `latest`?"),
        ("catch_up_limit=0", "`catch_up_limit` must be at least 1", ""),
        ("jitter=-1", "`jitter` can't be negative", ""),
        ("run_on_startup=1", "`run_on_startup` must be true or false, not a whole number", ""),
        ("keep_runs=0", "`keep_runs` must be at least 1", ""),
        ("keep_days='7d'", "`keep_days` must be a number of days, not '7d'", ""),
        (
            "max_size=50",
            "`max_size` is 50 bytes, less than the 10 kB that a few runs take",
            'write "50MB" for megabytes',
        ),
        ("max_size=-1", "`max_size` can't be negative", ""),
        ("max_size='2000TB'", "`max_size` must be at most 1,000 TB", ""),
        (
            "on_interrupt='reru'",
            "`on_interrupt` must be keep or rerun, not 'reru'",
            "did you mean `rerun`?",
        ),
    ],
)
def test_a_wrong_option_is_a_problem_and_counts_for_nothing(
    project: Files, opened: Project, options: str, message: str | None, hint: str
) -> None:
    catalog = in_code(project, opened, options)

    problem, entry = only_problem(catalog), catalog.entries["a"]
    assert message is None or problem.message == message
    assert (problem.kind, problem.line, problem.hint) == (ProblemKind.OPTION, 5, hint)
    assert (problem.path, problem.task) == (project.root / "tasks/a.py", "a")
    assert (entry.options, entry.problem) == (Options(), problem)
    assert entry.function is not None


def test_a_value_that_raises_when_it_is_looked_at_is_no_more_than_a_problem(
    project: Files, opened: Project
) -> None:
    hostile = "class Odd(int):\n  def __float__(self): raise SystemExit(3)"

    catalog = in_code(project, opened, "timeout=Odd(3), retries=1", before=hostile)

    assert only_problem(catalog).message == "`timeout` can't be read: SystemExit"
    assert catalog.entries["a"].options.retries == 1


def test_each_option_has_the_line_of_its_own_keyword(project: Files, opened: Project) -> None:
    catalog = in_code(project, opened, "\n    timeout=9,\n    retries=-1,\n    jitter=2,\n")

    assert dict(catalog.entries["a"].options.sources) == {
        "timeout": "tasks/a.py:6",
        "jitter": "tasks/a.py:8",
    }
    assert only_problem(catalog).line == 7


def test_options_that_no_text_tells_of_have_the_line_of_the_function(
    project: Files, opened: Project
) -> None:
    catalog = in_code(project, opened, "**SETTINGS", before="SETTINGS = dict(timeout=9, jitter=-1)")

    assert catalog.entries["a"].options.sources["timeout"] == "tasks/a.py:6"
    assert only_problem(catalog).line == 6


def test_the_nearest_place_wins_option_by_option(project: Files, opened: Project) -> None:
    project.task("a.py", "return 1", options="timeout=2, retries=2", kind="def")
    project.task("b.py", "return 1", kind="def")
    project.write(
        "taskconsole.toml",
        """
        [defaults]
        timeout = 1
        retries = 1
        keep_runs = 1

        [tasks.a]
        timeout = 3
        """,
    )

    entries = opened.load().entries

    a, b = entries["a"].options, entries["b"].options
    assert (a.timeout, a.retries, a.keep_runs) == (3, 2, 1)
    assert dict(a.sources) == {
        "timeout": "taskconsole.toml:7",
        "retries": "tasks/a.py:4",
        "keep_runs": "taskconsole.toml:4",
    }
    assert (b.timeout, b.retries, b.keep_runs) == (1, 1, 1)


def test_where_the_nearest_is_wrong_the_next_one_counts(project: Files, opened: Project) -> None:
    project.task("a.py", "return 1", options="timeout=2", kind="def")
    path = project.write("taskconsole.toml", '[tasks.a]\nretries = 1\ntimeout = "x"\n')

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.path, problem.line, problem.task) == (path, 3, "a")
    assert catalog.entries["a"].problem == problem
    assert (catalog.entries["a"].options.timeout, catalog.entries["a"].options.retries) == (2, 1)


def test_none_takes_a_default_back(project: Files, opened: Project) -> None:
    project.task("a.py", "return 1", options="timeout=None", kind="def")
    project.task("b.py", "return 1", kind="def")
    project.write(
        "taskconsole.toml",
        '[defaults]\ntimeout = "5m"\nkeep_runs = 5\n[tasks.b]\nkeep_runs = "none"\n',
    )

    entries = opened.load().entries

    assert (entries["a"].options.timeout, entries["a"].options.keep_runs) == (None, 5)
    assert (entries["b"].options.timeout, entries["b"].options.keep_runs) == (300, None)


def test_the_fault_of_a_part_of_a_table_has_the_line_of_that_part(
    project: Files, opened: Project
) -> None:
    project.task("a.py", "return 1", kind="def")
    project.write("taskconsole.toml", "[tasks.a]\nretries = 1\n[tasks.a.backoff]\ncapp = 3\n")

    problem = only_problem(opened.load())

    assert (problem.line, problem.hint) == (4, "did you mean `cap`?")


def test_an_unknown_keyword_of_the_decorator_is_told_with_the_nearest(
    project: Files, opened: Project
) -> None:
    problem = only_problem(in_code(project, opened, "timout=3"))

    assert problem.message == "TypeError: @task has no option `timout`; did you mean `timeout`?"
    assert (problem.line, problem.kind) == (5, ProblemKind.IMPORT)


def test_an_unknown_option_of_a_task_made_by_hand_is_a_problem(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import Task

        run = Task(function=print, options={"retry": 1, "jitter": 2})
        """,
    )

    catalog = opened.load()

    assert catalog.entries["a"].options.jitter == 2
    assert only_problem(catalog).message == "there is no option `retry`"


def faults(project: Files, opened: Project, config: str) -> list[tuple[int | None, str, str]]:
    project.task("a.py", "return 1", kind="def")
    project.write("taskconsole.toml", config)
    return [(one.line, one.message, one.hint) for one in opened.load().problems]


def test_an_unknown_key_of_a_task_or_of_the_defaults_is_told_with_the_nearest(
    project: Files, opened: Project
) -> None:
    config = "[defaults]\nretrys = 1\n[tasks.a]\ntimout = 1\n"

    assert faults(project, opened, config) == [
        (2, "unknown key `retrys`", "did you mean `retries`?"),
        (4, "unknown key `timout`", "did you mean `timeout`?"),
    ]


def test_what_belongs_to_one_task_can_not_be_a_default(project: Files, opened: Project) -> None:
    config = '[defaults]\nschedule = "@daily"\nrun_on_startup = true\ntimezone = "UTC"\n'

    assert faults(project, opened, config) == [
        (
            2,
            "`schedule` can't be a default",
            "it belongs to one task, or into [scheduled_tasks]",
        ),
        (3, "`run_on_startup` can't be a default", "it belongs to one task"),
        (
            4,
            "`timezone` can't be a default",
            "the key `timezone` at the top of the file is for all tasks",
        ),
    ]


@pytest.mark.parametrize(
    ("options", "name", "message"),
    [
        ("limit=2", "limit", '`limit` counts only where `concurrency` is "parallel"'),
        (
            "concurrency='queue', limit=2",
            "limit",
            '`limit` counts only where `concurrency` is "parallel"',
        ),
        ("memory='1GB'", "memory", '`memory` counts only where `isolation` is "process"'),
        ("backoff=3", "backoff", "`backoff` counts only where `retries` is more than 0"),
        ("retry_on=OSError", "retry_on", "`retry_on` counts only where `retries` is more than 0"),
    ],
)
def test_an_option_that_means_nothing_beside_the_others_is_a_problem(
    project: Files, opened: Project, options: str, name: str, message: str
) -> None:
    catalog = in_code(project, opened, options)

    problem, found = only_problem(catalog), catalog.entries["a"].options
    assert (problem.message, problem.line, problem.kind) == (message, 5, ProblemKind.OPTION)
    assert getattr(found, name) == getattr(Options(), name)
    assert name not in found.sources


def test_a_default_counts_for_those_tasks_that_it_fits(project: Files, opened: Project) -> None:
    project.task("a.py", "return 1", options="isolation='process'", kind="def")
    project.task("b.py", "return 1", kind="def")
    project.write("taskconsole.toml", '[defaults]\nmemory = "1GB"\n')

    catalog = opened.load()

    memory = {name: entry.options.memory for name, entry in catalog.entries.items()}
    assert (memory, catalog.problems) == ({"a": 10**9, "b": None}, ())


def test_what_a_nearer_place_makes_meaningless_is_no_problem(
    project: Files, opened: Project
) -> None:
    project.task("a.py", "return 1", options="concurrency='parallel', limit=2", kind="def")
    project.write("taskconsole.toml", '[tasks.a]\nconcurrency = "join"\n')

    catalog = opened.load()

    assert (catalog.entries["a"].options.limit, catalog.problems) == (None, ())


def test_what_means_nothing_beside_what_stands_further_is_a_problem(
    project: Files, opened: Project
) -> None:
    project.task("a.py", "return 1", options="concurrency='skip'", kind="def")
    path = project.write("taskconsole.toml", "[tasks.a]\nlimit = 2\n")

    problem = only_problem(opened.load())

    assert (problem.path, problem.line) == (path, 2)


def test_a_scan_knows_the_options_that_are_literal_and_guesses_at_none(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import task

        @task(timeout="90s", concurrency=str("parallel"), limit=3, keep_runs=-1)
        def run(event): ...
        """,
    )
    project.write("taskconsole.toml", "[tasks.a]\njitter = 5\n")

    scanned, loaded = opened.scan(), opened.load()

    options = scanned.entries["a"].options
    assert (options.timeout, options.jitter, options.keep_runs) == (90, 5, None)
    assert scanned.problems == loaded.problems
    assert only_problem(scanned).line == 3
    assert loaded.entries["a"].options.limit == 3


def test_the_zone_of_a_schedule_comes_before_the_tasks_and_that_before_the_projects(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import Schedule, task

        @task(schedule=["@hourly", Schedule("@daily", timezone="UTC")], timezone="Asia/Tokyo")
        def run(event): ...
        """,
    )
    project.task("b.py", "...", options='schedule="@hourly"')
    project.write("taskconsole.toml", 'timezone = "Europe/London"\n')

    schedules = opened.load().schedules

    zones = [(one.task, one.cron.expression, one.cron.timezone) for one in schedules]
    assert zones == [
        ("a", "@hourly", "Asia/Tokyo"),
        ("a", "@daily", "UTC"),
        ("b", "@hourly", "Europe/London"),
    ]


def test_a_key_may_be_any_callable_but_an_async_one(project: Files, opened: Project) -> None:
    before = (
        "class Key:\n  def __call__(self, payload): return payload['n']\nasync def slow(p): ..."
    )

    good = in_code(project, opened, "key=Key()", before=before).entries["a"].options
    wrong = opened.reload({project.write("tasks/a.py", source_with_async_key())})

    assert callable(good.key)
    assert good.key({"n": 7}) == 7
    assert only_problem(wrong).message == "`key` must be a plain function, not an async one"


def source_with_async_key() -> str:
    return (
        "from taskengine import task\nasync def slow(payload): ...\n"
        "@task(key=slow)\ndef run(event): ...\n"
    )


def test_a_key_function_can_not_be_told_in_the_config(project: Files, opened: Project) -> None:
    config = "[tasks.a]\nkey = 3\n"

    [(line, message, _)] = faults(project, opened, config)

    assert line == 2
    assert message.startswith("`key` must be the name of a field of the payload")


def test_another_process_is_told_where_the_code_is(project: Files, opened: Project) -> None:
    project.write("jobs/b.py", "from taskengine import task\n@task\ndef run(event): ...\n")
    config = '[tasks."x:b"]\nhandler = "./jobs/b.py"\n[tasks.c]\nhandler = "json:dumps"\n'
    project.write("taskconsole.toml", config)
    project.task("db/a.py", "...")

    entries = opened.load().entries

    origins = {name: entry.runnable.origin for name, entry in entries.items()}
    found = {name: (one.root, one.name, one.handler) for name, one in origins.items() if one}
    root: Path = project.root
    assert found == {
        "c": (root, "c", "json:dumps"),
        "db:a": (root, "db:a", ""),
        "x:b": (root, "x:b", "./jobs/b.py"),
    }
