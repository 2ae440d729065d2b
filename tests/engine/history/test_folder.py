"""Where a project's history lives."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from taskengine.history import folder as folders
from taskengine.history.folder import HistoryFolder
from taskengine.problem import ProblemKind


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_it_is_made_in_the_project_for_its_user_alone(tmp_path: Path) -> None:
    folder = HistoryFolder.prepare(tmp_path)

    assert folder == HistoryFolder(tmp_path / ".taskconsole")
    assert folder.database == tmp_path / ".taskconsole/history.db"
    assert mode_of(folder.path) == 0o700
    assert mode_of(folder.path / ".gitignore") == 0o600


def test_version_control_passes_it_by(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folder = HistoryFolder.prepare(tmp_path)
    folder.database.write_bytes(b"")

    status = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain"], check=True, capture_output=True
    )
    assert status.stdout == b""


def test_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ".taskconsole"
    path.mkdir()
    path.chmod(0o750)
    (path / ".gitignore").write_text("mine")

    HistoryFolder.prepare(tmp_path)

    assert mode_of(path) == 0o750
    assert (path / ".gitignore").read_text() == "mine"


def test_where_it_would_be_is_told_without_making_it(tmp_path: Path) -> None:
    assert HistoryFolder.of(tmp_path) == HistoryFolder(tmp_path / ".taskconsole")
    assert list(tmp_path.iterdir()) == []


def symlink(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    path.symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (symlink, "is a symlink, and the history is not put where that leads to"),
        (Path.touch, "is no folder, so the history can't be kept in it"),
    ],
)
def test_something_else_in_its_place_is_said(
    tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / ".taskconsole"
    make(path)

    with pytest.raises(OSError, match=words) as refused:
        HistoryFolder.prepare(tmp_path)

    assert str(refused.value).startswith(f"{path} ")


def test_a_root_where_nothing_can_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="can't be made for the history: No such file") as refused:
        HistoryFolder.prepare(tmp_path / "gone")

    assert not (tmp_path / "gone").exists()
    assert str(refused.value).startswith(str(tmp_path))


@pytest.fixture
def nfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is said to be on a network filesystem; the user's own state is not."""
    state = tmp_path / "state"
    monkeypatch.setattr(platformdirs, "user_state_path", lambda name: state / name)
    shared = tmp_path / "nfs"
    shared.mkdir()

    def filesystem(path: Path) -> str | None:
        return "nfs4" if path.is_relative_to(shared) else None

    monkeypatch.setattr(folders, "network_filesystem", filesystem)
    return shared


def test_on_a_network_filesystem_it_moves_to_the_users_own_state(nfs: Path) -> None:
    for name in ("a", "b"):
        (nfs / name / "project").mkdir(parents=True)
    first, second = (HistoryFolder.prepare(nfs / name / "project") for name in ("a", "b"))

    assert first == HistoryFolder.prepare(nfs / "a/project")
    assert first.path != second.path
    for folder in (first, second):
        assert folder.path.name.startswith("project-")
        assert folder.path.is_dir()
        assert mode_of(folder.path) == 0o700
        assert not folder.path.is_relative_to(nfs)
    assert list((nfs / "a/project").iterdir()) == []
    problem = first.problem
    assert problem is not None
    assert problem.kind is ProblemKind.MOVED_HISTORY
    assert f"{nfs / 'a/project'} is on a network filesystem (nfs4)" in problem.message
    assert str(first.path) in problem.message


def test_a_local_disk_inside_a_shared_project_is_taken(
    nfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = nfs / ".taskconsole"
    inside.mkdir()
    monkeypatch.setattr(
        folders, "network_filesystem", lambda path: None if path == inside else "nfs4"
    )

    assert HistoryFolder.prepare(nfs) == HistoryFolder(inside)


def test_where_everything_is_shared_there_is_no_place(
    nfs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "network_filesystem", lambda path: "nfs4")

    with pytest.raises(OSError, match="are on network filesystems, where no history can be kept"):
        HistoryFolder.prepare(nfs)
