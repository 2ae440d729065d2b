"""One engine for a project: the lock, its note, and what becomes of both when an engine dies."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.faults import small_disk
from support.programs import running
from taskengine.errors import EngineAlreadyRunning
from taskengine.history.process_identity import ProcessIdentity
from taskengine.history.project_lock import ProjectLock

SINCE = datetime(2026, 3, 1, 12, 30, 5, 250_000, tzinfo=UTC)
HOLDER = """
import os, subprocess, sys
from datetime import datetime
from pathlib import Path
from taskengine.history.project_lock import ProjectLock

root = Path(sys.argv[1])
lock = ProjectLock(root, root, exclusive=sys.argv[2] == "exclusive")
lock.take(datetime.fromisoformat(sys.argv[3]))
{then}
print("held", flush=True)
sys.stdin.read()
"""
ALONE = HOLDER.format(then="")
FORKS = HOLDER.format(
    then="""
ready, done = os.pipe()
if (child := os.fork()) == 0:
    os.write(done, b"x")
    sys.stdin.read()
    os._exit(0)
os.read(ready, 1)
print(child, flush=True)
"""
)
STARTS = HOLDER.format(
    then="""
child = subprocess.Popen([sys.executable, "-c", "input()"], close_fds=False)
print(child.pid, flush=True)
"""
)


def lock_of(folder: Path, *, exclusive: bool = True) -> ProjectLock:
    return ProjectLock(folder, folder, exclusive=exclusive)


def is_free(folder: Path) -> bool:
    lock = lock_of(folder)
    try:
        lock.take(SINCE)
    except EngineAlreadyRunning:
        return False
    lock.release()
    return True


def test_the_project_of_another_process_is_refused_with_its_number(tmp_path: Path) -> None:
    with running(ALONE, tmp_path, "exclusive", SINCE.isoformat()) as other:
        other.hear()

        with pytest.raises(EngineAlreadyRunning) as refused:
            lock_of(tmp_path).take(SINCE)
        with pytest.raises(EngineAlreadyRunning):
            lock_of(tmp_path, exclusive=False).take(SINCE)

    assert (refused.value.root, refused.value.pid, refused.value.since) == (
        tmp_path,
        other.pid,
        SINCE,
    )
    assert str(refused.value) == (
        f"The project {tmp_path} belongs to the engine of process {other.pid}, which started"
        " 2026-03-01 12:30:05 UTC"
    )


def test_two_engines_of_one_process_keep_each_other_away(tmp_path: Path) -> None:
    first = lock_of(tmp_path)
    first.take(SINCE)

    with pytest.raises(EngineAlreadyRunning, match=f"process {os.getpid()}"):
        lock_of(tmp_path).take(SINCE)

    first.release()
    assert is_free(tmp_path)


def test_the_note_is_there_while_the_lock_is_held(tmp_path: Path) -> None:
    lock = lock_of(tmp_path)
    lock.take(SINCE)

    note = tmp_path / "engine.json"
    own = ProcessIdentity.own()
    assert json.loads(note.read_text()) == {
        "pid": own.pid,
        "started_at": SINCE.isoformat(),
        "start": own.start,
        "boot": own.boot,
        "host": own.host,
        "socket": None,
        "url": None,
    }
    files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert files == {"engine.json": 0o600, "engine.lock": 0o600}

    lock.release()
    assert [path.name for path in tmp_path.iterdir()] == ["engine.lock"]


def test_a_note_that_found_no_room_is_written_when_there_is_some() -> None:
    with small_disk(8_192) as folder:
        (folder / "ballast").write_bytes(bytes(8_192))
        lock = lock_of(folder)
        lock.take(SINCE)
        assert {path.name for path in folder.iterdir()} == {"engine.lock", "ballast"}

        (folder / "ballast").unlink()
        assert lock.renew(SINCE)
        assert json.loads((folder / "engine.json").read_text())["pid"] == os.getpid()
        lock.release()


def test_a_lock_that_is_not_held_can_be_released_and_taken_again(tmp_path: Path) -> None:
    lock = lock_of(tmp_path)
    lock.release()
    lock.take(SINCE)
    lock.release()
    lock.release()
    lock.take(SINCE)
    lock.release()

    assert is_free(tmp_path)


def test_a_killed_engine_leaves_a_note_that_counts_for_nothing(tmp_path: Path) -> None:
    with running(ALONE, tmp_path, "exclusive", SINCE.isoformat()) as other:
        other.hear()
        other.kill()
    assert json.loads((tmp_path / "engine.json").read_text())["pid"] == other.pid

    lock = lock_of(tmp_path)
    lock.take(SINCE)

    assert json.loads((tmp_path / "engine.json").read_text())["pid"] == os.getpid()
    lock.release()


@pytest.mark.parametrize("code", [FORKS, STARTS], ids=["forks", "starts"])
def test_a_child_that_outlives_a_killed_engine_does_not_keep_its_project(
    tmp_path: Path, code: str
) -> None:
    with running(code, tmp_path, "exclusive", SINCE.isoformat()) as other:
        child = int(other.hear())
        other.hear()
        assert not is_free(tmp_path)
        other.process.kill()
        other.process.wait()

        os.kill(child, 0)
        assert is_free(tmp_path)
        os.kill(child, 9)


def test_a_child_does_not_let_go_of_its_parents_lock(tmp_path: Path) -> None:
    lock = lock_of(tmp_path)
    lock.take(SINCE)
    child = os.fork()
    if child == 0:
        lock.release()
        os._exit(0)
    os.waitpid(child, 0)

    assert (tmp_path / "engine.json").exists()
    other = subprocess.run(
        [sys.executable, "-c", ALONE, tmp_path, "exclusive", SINCE.isoformat()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(f"EngineAlreadyRunning: .* process {os.getpid()}", other.stderr)
    lock.release()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"pid": "?"}', "\udcff"])
def test_a_note_that_says_nothing_is_no_obstacle(tmp_path: Path, text: str) -> None:
    lock = lock_of(tmp_path)
    lock.take(SINCE)
    (tmp_path / "engine.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(EngineAlreadyRunning) as refused:
        lock_of(tmp_path).take(SINCE)

    assert (refused.value.pid, refused.value.since) == (None, None)
    lock.release()
    assert is_free(tmp_path)


def test_the_note_of_a_dead_engine_is_not_taken_for_that_of_the_holder(tmp_path: Path) -> None:
    with running(ALONE, tmp_path, "shared", SINCE.isoformat()) as first:
        first.hear()
        with running(ALONE, tmp_path, "shared", SINCE.isoformat()) as second:
            second.hear()
        with pytest.raises(EngineAlreadyRunning) as refused:
            lock_of(tmp_path).take(SINCE)

    assert refused.value.pid is None


def test_engines_that_share_hold_it_together_and_know_who_was_alone(tmp_path: Path) -> None:
    first, second = (lock_of(tmp_path, exclusive=False) for _ in range(2))
    first.take(SINCE)
    second.take(SINCE)

    assert (first.is_alone, second.is_alone) == (True, False)
    assert not is_free(tmp_path)
    first.release()
    assert not is_free(tmp_path)
    second.release()
    assert is_free(tmp_path)


def test_many_that_share_can_come_at_once(tmp_path: Path) -> None:
    code = ALONE.replace("lock.take", "sys.stdin.readline(); lock.take", 1)
    arguments = (tmp_path, "shared", SINCE.isoformat())
    with ExitStack() as stack:
        programs = [stack.enter_context(running(code, *arguments)) for _ in range(3)]
        for program in programs:
            program.tell()
        assert [program.hear() for program in programs] == ["held"] * 3


def test_who_may_live_beside_this_engine(tmp_path: Path) -> None:
    own = ProcessIdentity.own()
    dead, foreign = replace(own, start="another"), replace(own, host="another")
    exclusive, alone, second = (
        lock_of(tmp_path / name, exclusive=name == "a") for name in ("a", "b", "b")
    )
    for lock in (exclusive, alone, second):
        lock._path.parent.mkdir(exist_ok=True)
        lock.take(SINCE)

    assert [exclusive.may_live(one) for one in (own, dead, foreign)] == [False, False, False]
    assert [alone.may_live(one) for one in (own, dead, foreign)] == [True, False, False]
    assert [second.may_live(one) for one in (own, dead, foreign)] == [True, False, True]
    for lock in (exclusive, alone, second):
        lock.release()


def test_a_deleted_folder_is_held_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    lock = lock_of(folder)
    lock.take(SINCE)
    assert lock.renew(SINCE)
    shutil.rmtree(folder)
    folder.mkdir()

    assert lock.renew(SINCE)

    assert not is_free(folder)
    assert json.loads((folder / "engine.json").read_text())["started_at"] == SINCE.isoformat()
    lock.release()
    assert is_free(folder)


def test_a_deleted_folder_may_have_become_another_engines(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    lock, other = lock_of(folder), lock_of(folder)
    lock.take(SINCE)
    shutil.rmtree(folder)
    folder.mkdir()
    other.take(SINCE)

    assert not lock.renew(SINCE)

    lock.release()
    assert not is_free(folder)
    other.release()
    assert lock.renew(SINCE)
    lock.release()


def test_a_folder_that_is_gone_has_no_place_for_a_lock(tmp_path: Path) -> None:
    lock = lock_of(tmp_path / "gone")

    with pytest.raises(FileNotFoundError):
        lock.take(SINCE)

    lock.release()


def test_a_symlink_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "engine.lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic link"):
        lock_of(folder).take(SINCE)

    assert not (tmp_path / "elsewhere").exists()
