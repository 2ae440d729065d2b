"""The unix socket: where it is, who may use it, and what becomes of it."""

import asyncio
import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from support.project import Project
from support.raw_http import SOON, Callers, exchange, get
from support.served import Served, served
from taskengine.history.engine_note import EngineNote
from taskengine.http.socket_file import SocketFile
from taskengine.http.socket_folder import LONGEST_PATH

NOBODY = 65_534
FORBIDDEN = 403
LIST = get("/_nitro/tasks")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root, to be somebody else")

CALL = """
import os, socket, sys
path, uid = sys.argv[1], int(sys.argv[2])
os.setgroups([]), os.setgid(uid), os.setuid(uid)
caller = socket.socket(socket.AF_UNIX)
caller.settimeout(20)
try:
    caller.connect(path)
except OSError as error:
    print(-error.errno)
    sys.exit()
try:
    caller.sendall(b"GET /_nitro/tasks HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
except BrokenPipeError:
    pass  # it was answered before
print(caller.recv(65_536).split()[1].decode())
"""

ENGINE = """
import asyncio, sys
from taskengine import Engine, MemoryHistory
from taskengine.http.server import Server

async def main():
    async with Engine(sys.argv[1], history=MemoryHistory()) as engine:
        server = Server(engine)
        await server.start()
        print(server.socket, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of the test's own, with a path short enough for a socket's."""
    folder = Path(tempfile.mkdtemp(prefix="tc", dir="/tmp"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def temporary(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files, open to everybody as such are; no runtime folder."""
    folder = runtime / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative/paths/count/for/nothing")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def call_as(uid: int, path: Path) -> int:
    """The status of the answer that a user's call gets, or the negative number of an error."""
    arguments = [sys.executable, "-I", "-c", CALL, str(path), str(uid)]
    return int(subprocess.run(arguments, check=True, timeout=30, capture_output=True).stdout)


@contextmanager
def engine_elsewhere(root: Path) -> Iterator[Path]:
    """The socket of an engine in a process of its own, which is killed after the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", ENGINE, str(root)],
        stdout=subprocess.PIPE,
        cwd=root,
    )
    with process:
        assert process.stdout
        told = process.stdout.readline().decode().strip()
        assert told, "the engine has died before it listened"
        yield Path(told)
        process.kill()


def opened(root: Path) -> tuple[SocketFile, Path]:
    """A socket that nobody listens at any more, though its path is there: its owner has died."""
    unix = SocketFile(root)
    unix.open().close()
    assert unix.path
    return unix, unix.path


async def test_the_socket_is_its_users_own_and_is_gone_after_the_server(
    project: Project, runtime: Path
) -> None:
    async with served(project) as there:
        path = there.server.socket
        assert path
        assert path.parent == runtime / "taskconsole"
        assert (mode(path.parent), mode(path)) == (0o700, 0o600)
        assert str(path) in (project.root / ".taskconsole/engine.json").read_text()
        assert there.engine.root == project.root

    assert list(path.parent.iterdir()) == []
    assert there.server.socket is None


@as_root
async def test_another_user_can_neither_reach_the_socket_nor_use_it(
    project: Project, runtime: Path
) -> None:
    async with served(project) as there:
        path = there.server.socket
        assert path
        runtime.chmod(0o755)
        assert call_as(NOBODY, path) == -errno.EACCES, "the folder keeps others out"
        path.parent.chmod(0o755)
        assert call_as(NOBODY, path) == -errno.EACCES, "and so does the socket's mode"
        path.chmod(0o666)
        assert call_as(NOBODY, path) == FORBIDDEN, "and so does the server itself"
        assert call_as(0, path) == 200


async def test_engines_of_one_project_have_a_socket_each(project: Project, runtime: Path) -> None:
    async with served(project) as here:
        assert here.server.socket
        with engine_elsewhere(project.root) as other:
            assert other != here.server.socket
            for path in (here.server.socket, other):
                assert (await exchange(path, LIST)).status == 200
        assert (await exchange(here.server.socket, LIST)).status == 200


async def test_what_a_killed_engine_leaves_is_cleared_by_the_next_one_of_any_project(
    project: Project, tmp_path: Path
) -> None:
    other = project.root / "other"
    other.mkdir()
    with engine_elsewhere(other) as left:
        pass
    assert stat.S_ISSOCK(left.lstat().st_mode)
    _, own = opened(project.root)
    (left.parent / "file.sock").touch()

    async with served(project) as there:
        assert there.server.socket == own, "the usual name is free again"
        assert sorted(path.name for path in own.parent.iterdir()) == [own.name, "file.sock"]


async def test_a_path_that_is_another_engines_by_now_is_left_to_it(project: Project) -> None:
    late, path = opened(project.root)
    async with served(project) as there:
        assert there.server.socket == path

        late.close()

        assert (await exchange(path, LIST)).status == 200


async def found(there: Served, root: Path) -> Path:
    """The socket that the engine's note names, as soon as somebody listens there."""
    async with asyncio.timeout(SOON):
        while True:
            note = EngineNote.read(root / ".taskconsole/engine.json")
            path = note.socket if note else None
            if path and path.is_socket() and path == there.server.socket:
                return path
            await asyncio.sleep(0.01)  # nobody is told of it


async def test_a_socket_that_was_taken_away_is_made_anew_and_nobody_is_lost(
    project: Project, runtime: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.http.serving.LOOKS_EVERY", 0.02)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime / "run"))
    (runtime / "run").mkdir(0o700)
    async with served(project) as there, Callers() as callers:
        first = there.server.socket
        assert first
        assert runtime / "run" in first.parents
        before = await callers.connect(first)
        await before.send(LIST)
        assert (await before.answer()).status == 200

        first.unlink()
        again = await found(there, project.root)
        assert again == first
        assert (await exchange(again, LIST)).status == 200

        shutil.rmtree(runtime / "run")  # as when the user logs out
        elsewhere = await found(there, project.root)
        assert temporary in elsewhere.parents
        assert (await exchange(elsewhere, LIST)).status == 200

        elsewhere.unlink()
        elsewhere.touch()  # a path that is there, and leads nowhere
        last = await found(there, project.root)
        assert last != elsewhere
        assert mode(last) == 0o600
        assert (await exchange(last, LIST)).status == 200

        await before.send(LIST)
        assert (await before.answer()).status == 200, "who has come by the first stays"
        assert there.engine.problems == ()
    assert list(last.parent.iterdir()) == [elsewhere]


async def test_the_note_that_leads_to_the_socket_is_upheld(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.http.serving.LOOKS_EVERY", 0.02)
    path = project.root / ".taskconsole/engine.json"
    async with served(project) as there:
        note = EngineNote.read(path)
        assert note
        path.unlink()
        assert await found(there, project.root) == there.server.socket
        assert EngineNote.read(path) == note

        replace(note, socket=None).write(path)  # as of a run in a process of its own
        assert await found(there, project.root) == there.server.socket
        replace(note, process=replace(note.process, start="before"), socket=path).write(path)
        assert await found(there, project.root) == there.server.socket
    assert not path.exists()


def test_a_child_that_a_task_forks_keeps_neither_the_socket_nor_its_callers(
    project: Project,
) -> None:
    """Else callers would wait for ever on an engine that is dead, and nobody could clear it."""
    project.task(
        "fork.py",
        """
        import os, time
        begun, begins = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(begins, b".")
            time.sleep(600)
            os._exit(0)
        os.read(begun, 1)
        with open("child", "w") as file:
            file.write(str(child))
        """,
        kind="def",
    )
    with socket.socket(socket.AF_UNIX) as caller, socket.socket(socket.AF_UNIX) as late:
        caller.settimeout(SOON)
        with engine_elsewhere(project.root) as path:
            caller.connect(str(path))
            caller.sendall(get("/_nitro/tasks/fork"))
            assert b"200 OK" in caller.recv(65_536)
        child = int((project.root / "child").read_text())
        try:
            assert late.connect_ex(str(path)) == errno.ECONNREFUSED
            assert caller.recv(1) == b""
        finally:
            os.kill(child, signal.SIGKILL)


def test_without_a_runtime_folder_it_is_in_a_private_one_below_the_temporary(
    project: Project, temporary: Path
) -> None:
    _, path = opened(project.root)

    assert path.parent == temporary / f"taskconsole-{os.geteuid()}"
    assert mode(path.parent) == 0o700


@pytest.mark.parametrize("trap", ["link", "file", "open folder", "another's folder"])
def test_a_folder_that_somebody_else_has_prepared_is_not_used(
    project: Project, temporary: Path, trap: str
) -> None:
    usual = temporary / f"taskconsole-{os.geteuid()}"
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir(0o700)
    if trap == "link":
        usual.symlink_to(elsewhere)
    elif trap == "file":
        usual.touch()
    else:
        usual.mkdir(0o700)
    if trap == "open folder":
        usual.chmod(0o770)
    if trap == "another's folder":
        if os.geteuid() != 0:
            pytest.skip("takes root, to be somebody else")
        os.chown(usual, NOBODY, NOBODY)

    _, path = opened(project.root)

    assert usual not in path.parents
    assert mode(path.parent) == 0o700
    assert path.parent.stat().st_uid == os.geteuid()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("place", ["{long}", "/dev/null", "/nowhere/at/all"])
def test_a_runtime_folder_that_will_not_do_is_passed_over(
    project: Project, temporary: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    long = temporary / ("x" * LONGEST_PATH)
    long.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", place.format(long=long))

    _, path = opened(project.root)

    assert temporary in path.parents
    assert len(os.fsencode(path)) <= LONGEST_PATH


@pytest.mark.parametrize("is_others", [False, pytest.param(True, marks=as_root)])
def test_a_folder_that_others_could_swap_is_not_used(
    project: Project,
    runtime: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_others: bool,
) -> None:
    if is_others:  # as it is for root after `sudo -E`
        os.chown(runtime, NOBODY, NOBODY)
    else:
        runtime.chmod(0o777)  # and not sticky
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))

    _, path = opened(project.root)

    assert temporary in path.parents
