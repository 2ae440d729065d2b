"""Finding the project's root from a folder inside it."""

from pathlib import Path

import pytest

from taskengine.project.root import find_root


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder around all that the tests make, so that no real project is found."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def folder(root: Path, path: str) -> Path:
    made = root / path
    made.mkdir(parents=True)
    return made


def test_the_nearest_folder_with_a_config_is_the_root(home: Path) -> None:
    start = folder(home, "shop/tasks/db")
    (home / "taskconsole.toml").touch()
    (home / "shop" / "taskconsole.toml").touch()

    assert find_root(start) == home / "shop"


@pytest.mark.parametrize(
    "text",
    ["[tool.taskconsole]", "[tool.taskconsole.tasks.a]", "tool = {taskconsole = {}}"],
)
def test_a_table_in_pyproject_marks_a_root(home: Path, text: str) -> None:
    start = folder(home, "shop/tasks")
    (home / "shop" / "pyproject.toml").write_text(text)

    assert find_root(start) == home / "shop"


@pytest.mark.parametrize(
    "text", ["[tool.taskconsole.tasks.db:x]", "[tool.taskconsole", "[tool.taskconsole #]"]
)
def test_a_broken_pyproject_still_marks_it(home: Path, text: str) -> None:
    start = folder(home, "shop/tasks")
    (home / "shop" / "pyproject.toml").write_text(f"{text}\n")

    assert find_root(start) == home / "shop"


def test_a_pyproject_without_the_table_marks_nothing(home: Path) -> None:
    start = folder(home, "shop/tasks")
    (home / "shop" / "pyproject.toml").write_text('[project]\nname = "taskconsole-user"')

    assert find_root(start) == start


def test_without_any_config_the_folder_itself_is_the_root(home: Path) -> None:
    start = folder(home, "shop")

    assert find_root(start) == start


def test_the_home_folder_is_the_last_that_is_looked_at(home: Path) -> None:
    start = folder(home, "user/shop")
    (home / "taskconsole.toml").touch()
    assert find_root(start) == home

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home / "user"))
        assert find_root(start) == start


def test_a_folder_of_another_user_is_not_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = folder(home, "shop/tasks")
    (home / "shop" / "taskconsole.toml").touch()
    monkeypatch.setattr("os.getuid", lambda: start.stat().st_uid + 1)

    assert find_root(start) == start


def test_a_link_is_seen_as_the_folder_it_leads_to(home: Path) -> None:
    start = folder(home, "shop/tasks")
    (home / "shop" / "taskconsole.toml").touch()
    (home / "link").symlink_to(start)

    assert find_root(home / "link") == home / "shop"
