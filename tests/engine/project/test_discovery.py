"""Which files are tasks, and what they are called."""

import os
from pathlib import Path

import pytest

from taskengine.problem import ProblemKind
from taskengine.project.discovery import find_task_files


def names(folder: Path) -> list[str]:
    return [file.name for file in find_task_files(folder).files]


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def test_a_name_is_the_path_with_colons(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "db/migrate.py", "db/deep/er/x.py", "v1.2.py")

    assert names(tmp_path) == ["a", "db:deep:er:x", "db:migrate", "v1.2"]


def test_unicode_and_spaces_are_fine_in_names(tmp_path: Path) -> None:
    make(tmp_path, "größe/zwei worte.py", "caf\u0065\u0301.py", "\u4efb\u52a1.py")

    assert names(tmp_path) == ["caf\u00e9", "größe:zwei worte", "\u4efb\u52a1"]


def test_what_python_users_expect_to_be_left_out_is(tmp_path: Path) -> None:
    make(
        tmp_path,
        *("__init__.py", "_db.py", ".hidden.py", "test_a.py", "a_test.py", "conftest.py"),
        *("__pycache__/a.py", "_lib/a.py", ".git/a.py", "node_modules/a.py", "db/__init__.py"),
        *("env/pyvenv.cfg", "env/lib/a.py", "notes.txt", "a.pyc", "tested.py"),
    )
    (tmp_path / "folder.py").mkdir()

    assert names(tmp_path) == ["tested"]


def test_a_folder_that_is_not_there_has_no_tasks(tmp_path: Path) -> None:
    assert names(tmp_path / "tasks") == []


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_stands_in_the_tasks_folders_place_is_a_problem(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "tasks"
    folder.touch() if kind == "file" else folder.symlink_to("nowhere")

    (problem,) = find_task_files(folder).problems

    assert problem.path == folder
    assert "no tasks can be looked for here" in problem.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    make(tmp_path, "a.py", "db/b.py")
    (tmp_path / "db").chmod(0)

    found = find_task_files(tmp_path)

    (tmp_path / "db").chmod(0o700)
    assert [file.name for file in found.files] == ["a"]
    assert [problem.path for problem in found.problems] == [tmp_path / "db"]


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    make(tmp_path, "db/a.py", "elsewhere_x/b.py")
    (tmp_path / "db" / "again").symlink_to(tmp_path)
    (tmp_path / "db" / "more").symlink_to(tmp_path / "elsewhere_x")

    assert names(tmp_path) == ["db:a", "db:more:b", "elsewhere_x:b"]


@pytest.mark.parametrize(
    "paths", [("a:b.py", "a/b.py"), ("caf\u0065\u0301.py", "caf\u00e9.py")], ids=["colon", "nfc"]
)
def test_two_files_of_one_name_are_a_problem_that_names_both(
    tmp_path: Path, paths: tuple[str, str]
) -> None:
    make(tmp_path, *paths)

    (file,) = find_task_files(tmp_path).files

    assert file.clash is not None
    assert (file.clash.kind, file.clash.task) == (ProblemKind.NAME_CLASH, file.name)
    assert all(str(tmp_path / path) in file.clash.message for path in paths)


def test_names_that_differ_by_case_clash_on_a_disk_that_ignores_it(tmp_path: Path) -> None:
    make(tmp_path, "A/b.py", "a:b.py")

    assert len(find_task_files(tmp_path, ignores_case=False).files) == 2
    (file,) = find_task_files(tmp_path, ignores_case=True).files
    assert file.clash is not None


def test_a_name_that_can_not_be_printed_is_a_problem(tmp_path: Path) -> None:
    make(tmp_path, "a\nb.py", "fine.py")

    found = find_task_files(tmp_path)

    assert [file.name for file in found.files] == ["fine"]
    assert [problem.path for problem in found.problems] == [tmp_path / "a\nb.py"]
