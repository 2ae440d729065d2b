"""Tasks whose code the config names."""

import pytest

from support.catalog import call, only_problem
from support.project import Project as Files
from taskengine.problem import ProblemKind
from taskengine.project.project import Project

TASK = "from taskengine import task\n\n@task(description='Own')\ndef run(event): return 'task'\n"


def test_a_handler_may_be_a_file_with_a_task(project: Files, opened: Project) -> None:
    path = project.write("my jobs/v1.2/migrate.py", TASK)
    project.write("taskconsole.toml", '[tasks."db:x"]\nhandler = "./my jobs/v1.2/migrate.py"')

    assert opened.scan().entries["db:x"].line == 4
    catalog = opened.load()

    assert call(catalog, "db:x") == "task"
    entry = catalog.entries["db:x"]
    assert (entry.path, entry.line, entry.description) == (path, 4, "Own")


@pytest.mark.parametrize("handler", ["./shop/jobs.py:work", "shop/jobs.py:work", "shop.jobs:work"])
def test_a_handler_may_be_a_plain_function(project: Files, opened: Project, handler: str) -> None:
    path = project.write("shop/jobs.py", 'def work(event):\n    "Works."\n    return "plain"\n')
    project.write("taskconsole.toml", f'[tasks.a]\nhandler = "{handler}"')

    catalog = opened.load()

    entry = catalog.entries["a"]
    assert (call(catalog, "a"), entry.description) == ("plain", "Works.")
    assert (entry.path, entry.line, entry.is_async) == (path, 1, False)


def test_a_handler_may_be_one_of_several_tasks_of_a_module(project: Files, opened: Project) -> None:
    project.write("jobs.py", TASK + "\n@task\nasync def other(event): ...\n")
    project.write(
        "taskconsole.toml", '[tasks]\na = {handler = "jobs:run"}\nb = {handler = "./jobs.py:other"}'
    )

    catalog = opened.load()

    assert (call(catalog, "a"), catalog.entries["b"].is_async) == ("task", True)
    assert (catalog.entries["b"].line, catalog.problems) == (7, ())


def test_a_handler_beats_a_scanned_file_which_is_not_even_imported(
    project: Files, opened: Project
) -> None:
    project.write("tasks/a.py", "import taskengine\n1 / 0\n")
    project.write("jobs.py", TASK)
    project.write(
        "taskconsole.toml", '[tasks.a]\nhandler = "./jobs.py"\ndescription = "From the config"'
    )

    catalog = opened.load()

    assert (call(catalog, "a"), catalog.problems) == ("task", ())
    assert catalog.entries["a"].description == "From the config"


def test_an_entry_without_a_handler_takes_the_file_s_code(project: Files, opened: Project) -> None:
    project.write("tasks/a.py", TASK)
    project.write("taskconsole.toml", '[tasks.a]\ndescription = "From the config"')

    catalog = opened.load()

    assert call(catalog, "a") == "task"
    assert catalog.entries["a"].description == "From the config"


def test_an_entry_with_neither_is_listed_but_can_not_run(project: Files, opened: Project) -> None:
    path = project.write("taskconsole.toml", '\n\n[tasks."db:x"]\ndescription = "Later"')

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.kind, problem.path, problem.line, problem.task) == (
        ProblemKind.NOT_IMPLEMENTED,
        path,
        1,
        "db:x",
    )
    assert problem.hint == "write tasks/db/x.py, or give it a handler"
    entry = catalog.entries["db:x"]
    assert (entry.function, entry.description, entry.loaded) == (None, "Later", True)


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("./gone.py", "there is no file './gone.py' in the project"),
        ("../x.py", "'../x.py' is outside the project"),
        ("no module", "'no module' is not the name of a module"),
        ("jobs:", '\'jobs:\' is neither "./path/to/file.py" nor "package.module:function"'),
        ("./jobs.py:rum", "there is no function `rum` in jobs"),
        ("jobs:rum", "there is no function `rum` in jobs"),
    ],
)
def test_a_handler_that_leads_nowhere_is_a_problem_of_the_config(
    project: Files, opened: Project, handler: str, message: str
) -> None:
    project.write("jobs.py", TASK)
    path = project.write("taskconsole.toml", f'[tasks.a]\nhandler = "{handler}"')

    problem = only_problem(opened.load())

    assert (problem.kind, problem.message, problem.path, problem.line, problem.task) == (
        ProblemKind.CONFIG,
        message,
        path,
        2,
        "a",
    )


def test_a_handler_that_does_not_import_is_told_at_its_place(
    project: Files, opened: Project
) -> None:
    path = project.write("shop/jobs.py", "\n\nimport shop.gone\n")
    project.write("taskconsole.toml", '[tasks.a]\nhandler = "shop.jobs:run"')

    problem = only_problem(opened.load())

    assert (problem.kind, problem.path, problem.line) == (ProblemKind.IMPORT, path, 1)


def test_a_handler_s_file_is_reloaded_and_keeps_its_last_good_version(
    project: Files, opened: Project
) -> None:
    path = project.write("shop/jobs.py", "def run(event): return 1\n")
    project.write("taskconsole.toml", '[tasks.a]\nhandler = "shop.jobs:run"')
    opened.load()

    path.write_text("def run(event): return 2\n")
    assert call(opened.reload({path}), "a") == 2
    path.write_text("def ran(event): return 3\n")
    broken = opened.reload({path})

    assert (call(broken, "a"), only_problem(broken).hint) == (2, "did you mean `ran`?")


def test_a_handler_s_module_that_comes_later_is_found(project: Files, opened: Project) -> None:
    project.write("taskconsole.toml", '[tasks.a]\nhandler = "shop.jobs:run"')
    assert only_problem(opened.load()).kind is ProblemKind.IMPORT

    path = project.write("shop/jobs.py", "def run(event): return 1\n")

    assert call(opened.reload({path}), "a") == 1
