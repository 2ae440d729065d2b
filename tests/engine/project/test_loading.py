"""Importing the project's tasks, and what goes wrong with them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.catalog import call, only_problem
from support.project import Project as Files
from taskengine.problem import ProblemKind
from taskengine.project.catalog import Catalog
from taskengine.project.project import Project


def test_a_task_is_known_with_all_that_its_author_said(project: Files, opened: Project) -> None:
    path = project.write(
        "tasks/db/migrate.py",
        '''
        from taskengine import TaskEvent, task

        @task(name="Migrate", description="Run database migrations")
        async def run(event: TaskEvent):
            """Something else."""
        ''',
    )

    entry = opened.load().entries["db:migrate"]

    assert (entry.title, entry.description) == ("Migrate", "Run database migrations")
    assert (entry.path, entry.line, entry.is_async, entry.loaded) == (path, 4, True, True)
    assert entry.function is sys.modules["tasks.db.migrate"].run.function


def test_the_docstring_describes_what_has_no_description(project: Files, opened: Project) -> None:
    project.task("a.py", '"""\nFirst line.\n\nMore.\n"""', kind="def")

    entry = opened.load().entries["a"]

    assert (entry.description, entry.is_async) == ("First line.", False)


def test_a_scan_knows_as_much_as_the_text_tells_and_runs_nothing(
    project: Files, opened: Project
) -> None:
    project.write("tasks/a.py", "import taskengine as te\nraise SystemExit\n@te.task\ndef f(e): ''")
    project.task("b.py", "...", options='description="B", schedule="@daily"')

    entries = opened.scan().entries

    assert [(entry.name, entry.loaded, entry.function) for entry in entries.values()] == [
        ("a", False, None),
        ("b", False, None),
    ]
    assert (entries["a"].line, entries["b"].description) == (4, "B")
    assert [one.cron.expression for one in entries["b"].schedules] == ["@daily"]
    assert "tasks" not in sys.modules


def test_the_catalog_fills_file_by_file(project: Files, opened: Project) -> None:
    for name in "abc":
        project.task(f"{name}.py", "...")
    seen: list[list[bool]] = []

    def note(so_far: Callable[[], Catalog]) -> None:
        seen.append([entry.loaded for entry in so_far().entries.values()])

    opened.load(note)

    assert seen == [[True, False, False], [True, True, False], [True, True, True]]


def test_tasks_share_helpers_through_the_tasks_package(project: Files, opened: Project) -> None:
    project.write("tasks/_db.py", "def connect(): return 'connected'")
    project.write("tasks/lib/_deep.py", "WORD = 'deep'")
    project.write("shop/names.py", "NAME = 'shop'")
    project.write("src/core.py", "CORE = 'core'")
    project.write(
        "tasks/a.py",
        """
        from taskengine import task
        from tasks._db import connect
        from tasks.lib._deep import WORD
        from shop.names import NAME
        from core import CORE
        from ._db import connect as again

        @task
        def run(event):
            return connect(), WORD, NAME, CORE, again is connect
        """,
    )

    assert call(opened.load(), "a") == ("connected", "deep", "shop", "core", True)


def test_a_file_beside_a_folder_of_its_name_is_that_package_too(
    project: Files, opened: Project
) -> None:
    project.write("tasks/_word.py", "WORD = 'here'")
    project.write(
        "tasks/db.py",
        """
        from taskengine import task
        from ._word import WORD as URL

        @task
        def run(event):
            return 1
        """,
    )
    project.write(
        "tasks/db/migrate.py",
        "from taskengine import task\nfrom tasks.db import URL\n@task\ndef f(e): return URL",
    )

    catalog = opened.load()

    assert (call(catalog, "db"), call(catalog, "db:migrate")) == (1, "here")


def test_a_package_with_code_keeps_it_beside_a_file_of_its_name(
    project: Files, opened: Project
) -> None:
    project.write("tasks/db/__init__.py", "URL = 'package'")
    project.task("db.py", "return 'file'", kind="def")
    project.write(
        "tasks/db/migrate.py",
        "from taskengine import task\nfrom tasks.db import URL\n@task\ndef f(e): return URL",
    )

    catalog = opened.load()

    assert (call(catalog, "db"), call(catalog, "db:migrate")) == ("file", "package")


def test_an_installed_package_called_tasks_does_not_win(
    project: Files, opened: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = tmp_path / "elsewhere"
    (foreign / "tasks").mkdir(parents=True)
    (foreign / "tasks" / "__init__.py").write_text("MINE = False")
    monkeypatch.syspath_prepend(str(foreign))
    before = __import__("tasks")
    project.write("tasks/_help.py", "MINE = True")
    project.write(
        "tasks/a.py",
        "from taskengine import task\nfrom tasks._help import MINE\n@task\ndef f(e): return MINE",
    )

    assert call(opened.load(), "a") is True
    opened.close()

    assert sys.modules.pop("tasks") is before


def test_the_tasks_folder_may_be_nested_and_called_otherwise(
    project: Files, opened: Project
) -> None:
    project.write("taskconsole.toml", 'tasks_dir = "src/app/jobs"')
    project.write("src/app/jobs/_help.py", "WORD = 'nested'")
    project.write(
        "src/app/jobs/x/a.py",
        """
        from taskengine import task
        from app.jobs._help import WORD

        @task
        def run(event):
            return WORD
        """,
    )

    assert call(opened.load(), "x:a") == "nested"


def test_a_task_file_with_the_name_of_a_standard_module_hides_nothing(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/email.py",
        "import email\nfrom taskengine import task\n@task\ndef f(e): return email.__name__",
    )

    assert call(opened.load(), "email") == "email"


def test_a_task_imported_from_another_file_is_not_a_second_one(
    project: Files, opened: Project
) -> None:
    project.task("a.py", "return 'a'", kind="def")
    project.write(
        "tasks/b.py",
        """
        from taskengine import task
        from tasks.a import run as other

        @task
        def run(event):
            return "b after " + other(event)
        """,
    )

    catalog = opened.load()

    assert (call(catalog, "b"), catalog.problems) == ("b after a", ())


def test_the_decorator_may_be_a_call_on_a_function_from_elsewhere(
    project: Files, opened: Project
) -> None:
    project.write("work.py", "def work(event): return 'worked'")
    project.write(
        "tasks/a.py",
        "import taskengine\nfrom work import work\nrun = taskengine.task(description='D')(work)",
    )

    catalog = opened.load()

    assert (call(catalog, "a"), catalog.entries["a"].description) == ("worked", "D")


def test_a_task_may_be_defined_under_conditions(project: Files, opened: Project) -> None:
    project.write(
        "tasks/a.py",
        """
        try:
            from taskengine import task as mark
        except ImportError:
            pass
        else:
            if True:
                with open(__file__):
                    @mark(schedule="@daily")
                    def run(event):
                        return "found"
            else:
                @mark
                def run(event): ...
        """,
    )

    assert opened.scan().entries["a"].line == 9
    catalog = opened.load()

    assert (call(catalog, "a"), catalog.problems) == ("found", ())


def test_closing_leaves_nothing_of_the_project_in_the_process(project: Files) -> None:
    project.write("shop/deep/names.py", "NAME = 'shop'")
    project.write(
        "tasks/db/a.py",
        "from taskengine import task\nimport shop.deep.names\n@task\ndef f(e): ...",
    )

    def use() -> None:
        with Project(project.root, default_timezone=lambda: "UTC") as opened:
            assert opened.load().entries["db:a"].function
            assert {"tasks.db.a", "shop.deep.names"} <= set(sys.modules)

    use()  # what any project needs is imported late, and stays
    modules, path, meta_path = set(sys.modules), list(sys.path), list(sys.meta_path)
    use()

    assert (set(sys.modules), sys.path, sys.meta_path) == (modules, path, meta_path)
    assert not {"tasks", "tasks.db.a", "shop"} & modules


def test_folders_and_files_may_have_any_name(project: Files, opened: Project) -> None:
    project.write("tasks/v1.2/_help.py", "")
    for path in ("v1.2/my task.py", "v1.2/v3.4/x-y.py", "größe/a:b.py", "class/import.py"):
        project.task(path, "return __name__", kind="def")

    catalog = opened.load()

    assert catalog.problems == ()
    assert list(catalog.entries) == [
        "class:import",
        "größe:a:b",
        "v1.2:my task",
        "v1.2:v3.4:x-y",
    ]
    assert len({call(catalog, name) for name in catalog.entries}) == 4


def test_no_bytecode_is_written(
    project: Files, opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    project.write("tasks/_help.py", "")
    project.write("tasks/a.py", "import taskengine, tasks._help\n@taskengine.task\ndef f(e): ...")

    opened.load()

    assert not list(project.root.rglob("__pycache__"))


def test_a_syntax_error_is_a_problem_with_line_and_column(project: Files, opened: Project) -> None:
    path = project.write("tasks/a.py", "from taskengine import task\n\ndef f(:\n    pass\n")

    scanned, loaded = only_problem(opened.scan()), only_problem(opened.load())

    assert (loaded.kind, loaded.path, loaded.line, loaded.column, loaded.task) == (
        ProblemKind.IMPORT,
        path,
        3,
        7,
        "a",
    )
    assert loaded.message == "SyntaxError: invalid syntax"
    assert "def f(:" in loaded.traceback
    assert scanned == loaded


def test_an_import_error_stands_where_the_user_s_code_is_deepest(
    project: Files, opened: Project
) -> None:
    helper = project.write(
        "tasks/_help.py", "import json\n\ndef f():\n    json.loads('{')\n\nf()\n"
    )
    project.write("tasks/a.py", "from taskengine import task\nimport tasks._help\n")

    problem = only_problem(opened.load())

    assert (problem.kind, problem.path, problem.line, problem.task) == (
        ProblemKind.IMPORT,
        helper,
        4,
        "a",
    )
    assert problem.message.startswith("JSONDecodeError: Expecting property name")
    assert "tasks/a.py" in problem.traceback
    assert "json/decoder.py" in problem.traceback
    assert "importlib" not in problem.traceback
    assert "taskengine/project" not in problem.traceback


@pytest.mark.parametrize("folder", ["env/modules", "vendor/site-packages"])
def test_an_environment_inside_the_project_is_not_the_user_s_code(
    project: Files, opened: Project, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    project.write("env/pyvenv.cfg", "")
    installed = project.write(f"{folder}/installed_thing/__init__.py", "1 / 0\n")
    monkeypatch.syspath_prepend(str(project.root / folder))
    path = project.write("tasks/a.py", "import taskengine\n\nimport installed_thing\n")

    problem = only_problem(opened.load())

    assert (problem.path, problem.line) == (path, 3)
    assert str(installed) in problem.traceback


def test_a_missing_module_is_told_with_the_environment(project: Files, opened: Project) -> None:
    project.write("tasks/a.py", "from taskengine import task\n\nimport no_such_thing_here\n")

    problem = only_problem(opened.load())

    assert problem.line == 3
    assert problem.message == (
        f"No module named 'no_such_thing_here' in the environment {sys.prefix}"
    )
    assert "environment" in problem.hint


def test_a_missing_part_of_the_project_is_not_blamed_on_the_environment(
    project: Files, opened: Project
) -> None:
    project.write("tasks/a.py", "from taskengine import task\nfrom tasks._gone import x\n")

    problem = only_problem(opened.load())

    assert problem.message == "ModuleNotFoundError: No module named 'tasks._gone'"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("import sys; sys.exit(3)", "the file called sys.exit(3) while it was imported"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import asyncio; raise asyncio.CancelledError('no')", "CancelledError: no"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_whatever_an_import_raises_is_a_problem(
    project: Files, opened: Project, statement: str, message: str
) -> None:
    project.write("tasks/a.py", f"from taskengine import task\n{statement}\n")
    project.task("b.py", "return 'fine'", kind="def")

    catalog = opened.load()

    assert (only_problem(catalog).message, only_problem(catalog).line) == (message, 2)
    assert catalog.entries["a"].function is None
    assert call(catalog, "b") == "fine"


def test_a_file_that_never_imports_the_engine_is_not_run(project: Files, opened: Project) -> None:
    path = project.write("tasks/stray.py", "open('ran', 'w')  # taskengine\n")

    problem = only_problem(opened.load())

    assert (problem.kind, problem.path, problem.task) == (ProblemKind.NO_TASK, path, "stray")
    assert "tasks.stray" not in sys.modules


def test_a_file_without_a_task_is_a_problem(project: Files, opened: Project) -> None:
    path = project.write("tasks/a.py", "import taskengine\n\ndef run(event): ...\n")

    problem = only_problem(opened.load())

    assert (problem.kind, problem.path, problem.message) == (
        ProblemKind.NO_TASK,
        path,
        "the file has no task",
    )


def test_two_tasks_in_a_file_are_a_problem_that_names_both(project: Files, opened: Project) -> None:
    path = project.write(
        "tasks/a.py",
        """
        from taskengine import task

        @task
        def one(event): ...

        @task
        def two(event): ...
        """,
    )

    problem = only_problem(opened.load())

    assert (problem.kind, problem.path, problem.line) == (ProblemKind.SEVERAL_TASKS, path, 7)
    assert problem.message == "the file has several tasks: `one` (line 4) and `two` (line 7)"


def test_two_tasks_that_only_importing_reveals_are_a_problem(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        from taskengine import task

        make = task
        one = make(print)
        two = make(len)
        """,
    )

    assert only_problem(opened.load()).kind is ProblemKind.SEVERAL_TASKS


def test_a_package_that_fails_to_import_is_told_at_its_own_place(
    project: Files, opened: Project
) -> None:
    package = project.write("tasks/__init__.py", "1 / 0\n")
    project.task("a.py", "...")

    problem = only_problem(opened.load())

    assert (problem.path, problem.line, problem.task) == (package, 1, "a")


def test_each_import_is_told_of_when_it_begins_and_when_it_is_over(
    project: Files, opened: Project
) -> None:
    told: list[Path | None] = []
    opened.on_import = told.append
    good = project.task("a.py", "...")
    bad = project.write("tasks/b.py", "from taskengine import task\n1 / 0\n")

    opened.load()

    assert told == [good, None, bad, None]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("class E(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise E", "E"),
        ("raise ModuleNotFoundError('none', name=3)", "ModuleNotFoundError"),
        ("raise SyntaxError('none', (b'abc', 1, 1, 'text'))", "SyntaxError"),
        ("class E(SyntaxError):\n    filename = property(lambda self: 1 / 0)\nraise E", "E"),
    ],
)
def test_an_exception_that_can_not_be_told_of_is_still_a_problem(
    project: Files, opened: Project, code: str, name: str
) -> None:
    path = project.write("tasks/bad.py", f"from taskengine import task\n{code}\n")
    project.task("good.py", "return 1", kind="def")

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.kind, problem.path, problem.task) == (ProblemKind.IMPORT, path, "bad")
    assert problem.message == name
    assert call(catalog, "good") == 1


def test_an_exception_whose_words_fail_keeps_its_place(project: Files, opened: Project) -> None:
    project.write(
        "tasks/bad.py",
        "from taskengine import task\nclass Odd(Exception):\n    __str__ = None\nraise Odd\n",
    )

    problem = only_problem(opened.load())

    assert (problem.message, problem.line) == ("Odd", 4)
    assert "raise Odd" in problem.traceback


def test_an_endless_chain_of_causes_is_cut(project: Files, opened: Project) -> None:
    project.write(
        "tasks/bad.py",
        """
        from taskengine import task
        error = None
        for number in range(3000):
            cause, error = error, ValueError(f"number {number}.")
            error.__cause__ = cause
        raise error
        """,
    )

    problem = only_problem(opened.load())

    assert problem.message == "ValueError: number 2999."
    assert "number 2980." in problem.traceback
    assert "number 10." not in problem.traceback


def test_a_neighbour_of_the_engine_is_not_taken_for_the_engine(
    project: Files, opened: Project
) -> None:
    project.write(
        "tasks/a.py",
        """
        import taskengine

        neighbour = taskengine.__path__[0] + "_demo/shop.py"
        exec(compile("1 / 0", neighbour, "exec"))
        """,
    )

    assert "taskengine_demo" in only_problem(opened.load()).traceback


@pytest.mark.parametrize(
    "code",
    [
        "class Odd:\n    __class__ = property(lambda self: 1 / 0)\nodd = Odd()\n",
        "import sys\nsys.modules[__name__] = object()\n",
        "@task(schedule=[5])\ndef run(event): ...\n",
        "@task(schedule=Schedule(5))\ndef run(event): ...\n",
        "@task(schedule=Schedule('@daily', timezone=3))\ndef run(event): ...\n",
    ],
)
def test_a_module_that_can_not_be_looked_into_is_a_problem(
    project: Files, opened: Project, code: str
) -> None:
    path = project.write("tasks/bad.py", f"from taskengine import Schedule, task\n{code}")
    project.task("good.py", "return 1", kind="def")

    for catalog in (opened.load(), opened.reload({path})):
        problem = only_problem(catalog)
        assert (problem.kind, problem.path, problem.task) == (ProblemKind.IMPORT, path, "bad")
        assert call(catalog, "good") == 1
