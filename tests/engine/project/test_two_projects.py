"""Two projects in one process, and what user code does to the import system."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from support.catalog import call
from support.project import Project as Files
from taskengine.project.project import Project


def open_project(root: Path) -> Project:
    return Project(root, default_timezone=lambda: "UTC")


@pytest.fixture
def other(tmp_path_factory: pytest.TempPathFactory) -> Files:
    other = Files(tmp_path_factory.mktemp("other"))
    other.write("taskconsole.toml", "")
    return other


def test_a_second_project_is_refused_until_the_first_is_closed(
    project: Files, other: Files, opened: Project
) -> None:
    project.task("a.py", "return 'first'", kind="def")
    other.task("a.py", "return 'second'", kind="def")
    first = opened.load()

    with open_project(other.root) as second:
        assert second.scan().entries.keys() == {"a"}
        with pytest.raises(RuntimeError, match=str(project.root)):
            second.load()
        assert call(first, "a") == call(opened.reload(set()), "a") == "first"

        opened.close()
        assert call(second.load(), "a") == "second"


class Hasty(list[Exception]):
    """A finder of modules that raises these one after the other, as Python's own does at times."""

    def invalidate_caches(self) -> None:
        if self:
            raise self.pop(0)

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        return None


def test_a_project_that_can_not_be_opened_is_in_nobodys_way(
    project: Files, other: Files, opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.task("a.py", "return 'first'", kind="def")
    other.task("a.py", "return 'second'", kind="def")
    path = list(sys.path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Hasty([OSError("busy"), KeyError()])])
    with pytest.raises(OSError, match="busy"):
        opened.load()

    with open_project(other.root) as second:
        assert call(second.load(), "a") == "second"
    assert sys.path == path


def test_two_projects_are_open_together_if_their_tasks_have_different_packages(
    project: Files, other: Files, opened: Project
) -> None:
    other.write("taskconsole.toml", 'tasks_dir = "jobs"')
    project.task("a.py", "return 'first'", kind="def")
    other.task("../jobs/a.py", "return 'second'", kind="def")

    with open_project(other.root) as second:
        assert (call(opened.load(), "a"), call(second.load(), "a")) == ("first", "second")


def test_a_refused_project_leaves_the_first_as_it_is(
    project: Files, other: Files, opened: Project
) -> None:
    path = project.task("a.py", "return 1", kind="def")
    opened.load()

    path_of_import = list(sys.path)
    for root in (other.root, project.root):
        with open_project(root) as second, pytest.raises(RuntimeError):
            second.load()

    assert sys.path == path_of_import
    project.task("a.py", "return 2", kind="def")
    assert call(opened.reload({path}), "a") == 2


def test_a_project_is_in_the_way_until_it_is_closed_wholly(
    project: Files, other: Files, opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its end would take the other's modules out, which have the same names."""
    project.task("a.py", "return 'first'", kind="def")
    other.task("a.py", "return 'second'", kind="def")
    opened.load()
    refusals: list[str] = []

    with open_project(other.root) as second:

        def look(name: str) -> None:
            """Asked about the module that is not the project's, while that is being closed."""
            if not refusals:
                refusals.append("none")
                with pytest.raises(RuntimeError) as refusal:
                    second.load()
                refusals.append(str(refusal.value))
            raise AttributeError(name)

        looked_at = ModuleType("looked_at")
        vars(looked_at)["__getattr__"] = look
        monkeypatch.setitem(sys.modules, "looked_at", looked_at)
        opened.close()

        assert str(project.root) in refusals[-1]
        assert call(second.load(), "a") == "second"


def test_closing_bears_with_code_that_emptied_the_import_system(
    project: Files, opened: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    project.write("tasks/a.py", "import sys, taskengine\nsys.meta_path.clear()\n")
    opened.load()

    opened.close()

    assert "tasks.a" not in sys.modules
