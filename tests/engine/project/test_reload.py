"""Taking up what changed on disk, and keeping what worked."""

import importlib
import os
import sys
from pathlib import Path

import pytest

from support.catalog import call, only_problem
from support.project import Project as Files
from taskengine.problem import ProblemKind
from taskengine.project.project import Project
from taskengine.project.source_loader import ModuleSource


@pytest.fixture
def shop(project: Files, opened: Project) -> Project:
    """Three loaded tasks: `a` uses `_price` through `_basket`, `b` uses `_price`, `c` nothing."""
    project.write("tasks/_price.py", "PRICE = 1\n")
    project.write("tasks/_basket.py", "from tasks._price import PRICE\nTOTAL = 10 * PRICE\n")
    uses(project, "a", "_basket", "TOTAL")
    uses(project, "b", "_price", "PRICE")
    project.task("c.py", "return 'c'", kind="def")
    catalog = opened.load()
    assert [call(catalog, name) for name in "abc"] == [10, 1, "c"]
    return opened


def uses(project: Files, task: str, helper: str, value: str) -> Path:
    return project.write(
        f"tasks/{task}.py",
        f"from taskengine import task\nfrom tasks.{helper} import {value}\n"
        f"@task\ndef run(event): return {value}\n",
    )


def test_a_changed_file_is_imported_anew_and_others_stay_the_same(
    project: Files, shop: Project
) -> None:
    before = shop.reload(set())
    path = project.task("c.py", "return 'new'", kind="def")

    after = shop.reload({path})

    assert call(after, "c") == "new"
    assert [after.entries[name] == before.entries[name] for name in "abc"] == [True, True, False]
    assert after.entries["a"].function is before.entries["a"].function


def test_a_changed_helper_reaches_all_who_use_it_even_through_another(
    project: Files, shop: Project
) -> None:
    before = shop.reload(set())

    path = project.write("tasks/_price.py", "PRICE = 2\n")
    after = shop.reload({path})

    assert [call(after, name) for name in "abc"] == [20, 2, "c"]
    assert after.entries["c"].function is before.entries["c"].function
    assert call(before, "a") == 10


def test_an_edit_of_the_same_size_in_the_same_second_is_taken_up(
    project: Files, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = project.write("tasks/_price.py", "PRICE = 2\n")
    os.utime(path, ns=(1_700_000_000_000_000_000,) * 2)
    assert call(shop.reload({path}), "b") == 2

    path = project.write("tasks/_price.py", "PRICE = 3\n")
    os.utime(path, ns=(1_700_000_000_000_000_000,) * 2)

    assert call(shop.reload({path}), "b") == 3


def test_a_broken_edit_keeps_the_last_good_version_until_it_is_mended(
    project: Files, shop: Project
) -> None:
    module = sys.modules["tasks.c"]
    path = project.task("c.py", "return (", kind="def")
    broken = shop.reload({path})
    assert call(broken, "c") == "c"
    assert only_problem(broken) == broken.entries["c"].problem
    assert (only_problem(broken).kind, only_problem(broken).path) == (ProblemKind.IMPORT, path)
    assert sys.modules["tasks.c"] is module

    project.task("c.py", "return 'mended'", kind="def")
    mended = shop.reload({path})

    assert (call(mended, "c"), mended.problems) == ("mended", ())


def test_a_broken_edit_that_is_taken_back_leaves_no_problem(project: Files, shop: Project) -> None:
    path = project.root / "tasks/c.py"
    text = path.read_text()
    path.write_text("from taskengine import task\n1 / 0\n")
    assert len(shop.reload({path}).problems) == 1

    path.write_text(text)
    after = shop.reload({path})

    assert (call(after, "c"), after.problems) == ("c", ())


def test_a_file_that_loses_its_task_keeps_the_last_good_version(
    project: Files, shop: Project
) -> None:
    path = project.write("tasks/c.py", "print('a script now')\n")

    after = shop.reload({path})

    assert (call(after, "c"), only_problem(after).kind) == ("c", ProblemKind.NO_TASK)


def test_a_broken_helper_keeps_all_who_use_it_and_is_named_as_the_place(
    project: Files, shop: Project
) -> None:
    helper = sys.modules["tasks._price"]
    path = project.write("tasks/_price.py", "PRICE = nonsense\n")
    broken = shop.reload({path})

    assert [call(broken, name) for name in "abc"] == [10, 1, "c"]
    assert [(one.task, one.path, one.line) for one in broken.problems] == [
        ("a", path, 1),
        ("b", path, 1),
    ]
    assert sys.modules["tasks._price"] is helper
    assert shop.reload(set()).problems == broken.problems

    project.write("tasks/_price.py", "PRICE = 4\n")
    mended = shop.reload({path})

    assert [call(mended, name) for name in "abc"] == [40, 4, "c"]
    assert mended.problems == ()


def test_what_was_not_reached_behind_a_broken_file_is_new_once_that_is_mended(
    project: Files, shop: Project
) -> None:
    basket = project.write("tasks/_basket.py", "from tasks._price import PRICE\nTOTAL = 7\n")
    task = project.write("tasks/a.py", "from taskengine import task\n1 / 0\n")
    price = project.write("tasks/_price.py", "PRICE = 5\n")
    broken = shop.reload({basket, task, price})
    assert [call(broken, name) for name in "ab"] == [10, 5]

    uses(project, "a", "_basket", "TOTAL")
    mended = shop.reload({task})

    assert [call(mended, name) for name in "ab"] == [7, 5]


def test_a_helper_behind_a_broken_file_is_bound_to_the_new_ones_once_that_is_mended(
    project: Files, shop: Project
) -> None:
    task = project.write("tasks/a.py", "from taskengine import task\n1 / 0\n")
    price = project.write("tasks/_price.py", "PRICE = 5\n")
    broken = shop.reload({task, price})
    assert [call(broken, name) for name in "ab"] == [10, 5]

    uses(project, "a", "_basket", "TOTAL")
    mended = shop.reload({task})

    assert [call(mended, name) for name in "ab"] == [50, 5]


def test_a_helper_imported_as_a_part_of_its_package_is_new_too(
    project: Files, shop: Project
) -> None:
    helper = project.write("tasks/_own.py", "WORD = 'old'\n")
    path = project.write(
        "tasks/c.py",
        "import taskengine\nfrom tasks import _own\n"
        "@taskengine.task\ndef run(event): return _own.WORD\n",
    )
    assert call(shop.reload({path}), "c") == "old"

    helper.write_text("WORD = 'new'\n")

    assert call(shop.reload({helper}), "c") == "new"


def test_what_is_in_a_package_is_new_with_the_package(project: Files, shop: Project) -> None:
    package = project.write("parts/__init__.py", "RATE = 1\n")
    project.write("parts/sum.py", "import sys\nTOTAL = sys.modules['parts'].RATE\n")
    path = project.write(
        "tasks/c.py",
        "import taskengine\nfrom parts.sum import TOTAL\n"
        "@taskengine.task\ndef run(event): return TOTAL\n",
    )
    assert call(shop.reload({path}), "c") == 1

    package.write_text("RATE = 2\n")

    assert call(shop.reload({package}), "c") == 2


def test_a_new_helper_is_found_even_if_its_folder_s_time_did_not_move(
    project: Files, shop: Project
) -> None:
    folder = project.root / "tasks"
    before = folder.stat()
    path = uses(project, "new", "_fresh", "WORD")
    project.write("tasks/_fresh.py", "WORD = 'fresh'\n")
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert call(shop.reload({path}), "new") == "fresh"


def test_a_new_file_is_a_new_task(project: Files, shop: Project) -> None:
    path = project.task("deep/er/new.py", "return 'new'", kind="def")

    after = shop.reload({path})

    assert list(after.entries) == ["a", "b", "c", "deep:er:new"]
    assert call(after, "deep:er:new") == "new"


def test_a_folder_that_comes_to_stand_beside_a_task_is_its_package(
    project: Files, shop: Project
) -> None:
    path = project.write(
        "tasks/c/inner.py",
        "from taskengine import task\nfrom tasks import c\n@task\ndef f(e): return c.run(e)",
    )

    assert call(shop.reload({path}), "c:inner") == "c"


def test_a_changed_task_keeps_the_modules_of_the_folder_beside_it(
    project: Files, shop: Project
) -> None:
    inner = project.task("c/inner.py", "return 'inner'", kind="def")
    before = shop.reload({inner})
    path = project.task("c.py", "import tasks\nreturn tasks.c.inner.run(event)", kind="def")

    after = shop.reload({path})

    assert call(after, "c") == "inner"
    assert after.entries["c:inner"].function is before.entries["c:inner"].function


def test_a_deleted_file_is_no_task_any_more(project: Files, shop: Project) -> None:
    path = project.root / "tasks/c.py"
    path.unlink()

    assert list(shop.reload({path}).entries) == ["a", "b"]
    assert "tasks.c" not in sys.modules


def test_a_renamed_file_is_a_task_of_another_name(project: Files, shop: Project) -> None:
    old, new = project.root / "tasks/c.py", project.root / "tasks/d.py"
    old.rename(new)

    after = shop.reload({old, new})

    assert (list(after.entries), call(after, "d")) == (["a", "b", "d"], "c")


def test_a_deleted_helper_keeps_those_who_used_it_until_it_is_back(
    project: Files, shop: Project
) -> None:
    path = project.root / "tasks/_price.py"
    path.unlink()
    without = shop.reload({path})
    assert [call(without, name) for name in "ab"] == [10, 1]
    assert [problem.task for problem in without.problems] == ["a", "b"]

    project.write("tasks/_price.py", "PRICE = 6\n")
    after = shop.reload({path})

    assert ([call(after, name) for name in "ab"], after.problems) == ([60, 6], ())


def test_a_helper_written_after_its_user_mends_the_user(project: Files, shop: Project) -> None:
    user = uses(project, "new", "lib.late", "WORD")
    assert only_problem(shop.reload({user})).task == "new"
    project.write("tasks/lib/late.py", "from taskengine import task\nWORD = 'late'\ntask(print)")

    after = shop.reload({project.root / "tasks/lib"})

    assert call(after, "new") == "late"


def test_the_folder_in_which_a_module_is_missed_is_watched(project: Files, shop: Project) -> None:
    folder = project.write("parts/readme.txt", "").parent
    path = uses(project, "new", "_none", "x")
    path.write_text("import taskengine\nfrom parts.late import WORD\n")

    shop.reload({path})

    assert folder in shop.watch_set().folders


def test_what_is_watched_are_the_folders_of_all_that_is_imported(
    project: Files, shop: Project
) -> None:
    project.write("src/core/deep/names.py", "")
    path = project.write("tasks/x.py", "import taskengine, core.deep.names\n")
    shop.reload({path})

    watched = shop.watch_set()

    assert watched.tasks_dir == project.root / "tasks"
    assert {project.root, project.root / "src/core/deep"} <= watched.folders


def test_saving_a_failed_file_again_gives_it_another_chance(
    project: Files, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project.write(
        "tasks/new.py",
        "import os, taskengine\nWORD = os.environ['SHOP_WORD']\n"
        "@taskengine.task\ndef run(event): return WORD\n",
    )
    assert only_problem(shop.reload({path})).message == "KeyError: 'SHOP_WORD'"
    monkeypatch.setenv("SHOP_WORD", "set")
    assert len(shop.reload(set()).problems) == 1

    assert call(shop.reload({path}), "new") == "set"


def test_a_package_that_gets_code_runs_it_and_loses_it_again(project: Files, shop: Project) -> None:
    path = project.write("tasks/__init__.py", "VAT = 19\n")
    shop.reload({path})
    package = sys.modules["tasks"]
    assert (package.VAT, package.c) == (19, sys.modules["tasks.c"])

    path.unlink()
    after = shop.reload({path})

    assert not hasattr(sys.modules["tasks"], "VAT")
    assert ([call(after, name) for name in "abc"], after.problems) == ([10, 1, "c"], ())


def test_a_module_that_becomes_a_package_is_read_from_there(project: Files, shop: Project) -> None:
    path = project.write("tasks/_price/__init__.py", "PRICE = 8\n")

    assert call(shop.reload({path}), "b") == 8


def test_an_import_inside_a_function_gets_the_new_helper(project: Files, shop: Project) -> None:
    lazy = project.task("lazy.py", "from tasks._late import WORD\nreturn WORD", kind="def")
    helper = project.write("tasks/_late.py", "WORD = 'old'\n")
    assert call(shop.reload({lazy, helper}), "lazy") == "old"

    project.write("tasks/_late.py", "WORD = 'new'\n")

    assert call(shop.reload({helper}), "lazy") == "new"


def test_helpers_outside_the_tasks_folder_are_reloaded_too(project: Files, shop: Project) -> None:
    helper = project.write("src/core/names.py", "NAME = 'one'\n")
    project.write("src/core/__init__.py", "from .names import NAME\n")
    shop.close()
    task = project.write(
        "tasks/a.py",
        "from taskengine import task\nfrom core import NAME\n@task\ndef f(e): return NAME",
    )
    assert call(shop.load(), "a") == "one"

    project.write("src/core/names.py", "NAME = 'two'\n")

    assert call(shop.reload({helper, task}), "a") == "two"


def test_modules_that_the_project_did_not_import_are_left_alone(
    project: Files, shop: Project
) -> None:
    import json

    path = project.write("tasks/c.py", "import json, taskengine\n@taskengine.task\ndef f(e): ...")
    shop.reload({path})

    assert sys.modules["json"] is json


def test_a_changed_config_is_taken_up(project: Files, shop: Project) -> None:
    path = project.write(
        "taskconsole.toml", '[tasks.c]\ndescription = "C"\n[scheduled_tasks]\n"@daily" = "c"\n'
    )

    entry = shop.reload({path}).entries["c"]

    assert (entry.description, [one.cron.expression for one in entry.schedules]) == (
        "C",
        ["@daily"],
    )


def test_a_config_that_does_not_parse_leaves_the_last_good_one_in_force(
    project: Files, shop: Project
) -> None:
    path = project.write("taskconsole.toml", '[scheduled_tasks]\n"@daily" = "c"\n')
    shop.reload({path})
    project.write("taskconsole.toml", '[scheduled_tasks\n"@daily" = "c"\n')

    after = shop.reload({path})

    assert len(after.entries["c"].schedules) == 1
    assert (only_problem(after).path, only_problem(after).line) == (path, 1)


def test_another_tasks_folder_takes_the_place_of_the_first(project: Files, shop: Project) -> None:
    project.write("jobs/x.py", "from taskengine import task\n@task\ndef f(e): return __name__")
    path = project.write("taskconsole.toml", 'tasks_dir = "jobs"')

    after = shop.reload({path})

    assert (list(after.entries), call(after, "x")) == (["x"], "jobs.x")
    assert not {name for name in sys.modules if name.startswith("tasks.")}


def test_a_run_may_import_more_of_the_project_while_changes_are_taken_up(
    project: Files, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("tasks/_late.py", "LATE = 1\n")
    path = project.task("c.py", "return 'new'", kind="def")
    looks = ModuleSource.is_outdated

    def looks_while_a_run_imports(source: ModuleSource) -> bool:
        importlib.import_module("tasks._late")
        return looks(source)

    monkeypatch.setattr(ModuleSource, "is_outdated", looks_while_a_run_imports)
    after = shop.reload({path})

    assert [call(after, name) for name in "abc"] == [10, 1, "new"]


def test_a_file_that_goes_away_while_others_are_imported_is_no_problem(
    project: Files, shop: Project
) -> None:
    last = project.task("c.py", "return 'new'", kind="def")
    first = project.write(
        "tasks/a.py",
        "import pathlib\nfrom taskengine import task\n"
        f"pathlib.Path({str(last)!r}).unlink()\n@task\ndef run(event): return 'first'\n",
    )

    catalog = shop.reload({first, last})

    assert call(catalog, "a") == "first"
    assert ("c" in catalog.entries, catalog.problems) == (False, ())
    project.task("c.py", "return 'back'", kind="def")
    assert call(shop.reload({last}), "c") == "back"
