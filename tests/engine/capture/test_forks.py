"""Processes that a run forks or has Python fork belong to it, in `context` mode."""

import ctypes
import logging
import multiprocessing.context
import multiprocessing.process
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import pytest

from support.capture import Writer, captured
from taskengine.output import OutputKind

OUT, ERR = OutputKind.STDOUT, OutputKind.STDERR


def in_child(body: Callable[[], None]) -> int:
    """Fork, and give back how the child ended."""
    pid = os.fork()
    if pid == 0:
        try:
            body()
            sys.stdout.flush()
        finally:
            os._exit(3)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@captured
def test_all_that_a_forked_child_writes_is_the_runs_and_comes_once(writer: Writer) -> None:
    def write() -> None:
        print("print")
        os.write(1, b"descriptor\n")
        os.write(2, b"descriptor 2\n")
        logging.getLogger("forked").error("record")
        ctypes.CDLL(None).puts(b"from C")
        ctypes.CDLL(None).fflush(None)

    assert writer.run(in_child, write) == 3
    assert sorted(writer.kinds) == [
        (ERR, "ERROR  forked  record"),
        (ERR, "descriptor 2"),
        (OUT, "descriptor"),
        (OUT, "from C"),
        (OUT, "print"),
    ]


@captured
def test_what_c_holds_back_at_the_fork_comes_once(
    capfd: pytest.CaptureFixture[str], writer: Writer
) -> None:
    libc = ctypes.CDLL(None)

    def body() -> None:
        libc.printf(b"held back ")
        in_child(lambda: libc.fflush(None))
        libc.fflush(None)

    writer.run(body)
    assert (capfd.readouterr().out, writer.texts) == ("held back ", [])


def test_a_forked_child_of_nobody_is_the_hosts(
    capfd: pytest.CaptureFixture[str], writer: Writer
) -> None:
    def write() -> None:
        os.write(1, b"of the host\n")

    @captured
    def body() -> None:
        in_child(write)

    body()
    assert capfd.readouterr().out == "of the host\n"


@pytest.mark.parametrize(
    "start", [multiprocessing.context.ForkProcess, multiprocessing.context.SpawnProcess]
)
@captured
def test_a_process_of_multiprocessing_belongs_to_the_run(
    start: type[multiprocessing.process.BaseProcess], writer: Writer
) -> None:
    def body() -> None:
        child = start(target=print, args=("child",))
        child.start()
        child.join()
        assert child.exitcode == 0
        print("parent")

    writer.run(body)
    assert writer.texts == ["child", "parent"]


@captured
def test_pools_of_processes_belong_to_the_run(writer: Writer) -> None:
    def body() -> None:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            pool.map(print, ["pool"] * 3)
            pool.close()
            pool.join()
        with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as executor:
            list(executor.map(print, ["executor"] * 3))

    writer.run(body)
    assert sorted(writer.texts) == ["executor"] * 3 + ["pool"] * 3


@captured
def test_processes_that_are_spawned_by_the_systems_own_calls_too(writer: Writer) -> None:
    def body() -> None:
        pid = os.posix_spawn("/bin/echo", ["echo", "posix_spawn"], os.environ)
        os.waitpid(pid, 0)
        os.spawnlp(os.P_WAIT, "echo", "echo", "spawnlp")
        with os.popen("echo asked for; echo error >&2") as pipe:
            print(pipe.read(), end="")

    writer.run(body)
    assert sorted(writer.texts) == ["asked for", "error", "posix_spawn", "spawnlp"]


@captured
def test_a_posix_spawn_with_its_own_way_out_keeps_it(writer: Writer) -> None:
    reader, own = os.pipe()

    def body() -> None:
        actions = [(os.POSIX_SPAWN_DUP2, own, 1)]
        pid = os.posix_spawn("/bin/echo", ["echo", "own"], os.environ, file_actions=actions)
        os.waitpid(pid, 0)

    writer.run(body)
    os.close(own)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        assert pipe.read() == "own\n"
    assert writer.texts == []
