"""The bounded pool of daemon threads."""

import queue
import subprocess
import sys
import threading
from functools import partial

import pytest

from taskengine.threads.pool import DaemonPool, current_pool

SOON = 60.0
_FORK = """
import os, signal, threading
from taskengine.threads.pool import DaemonPool

def fork():
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        print("from the child")
        return
    print("the child ended with", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    done.set()

done = threading.Event()
DaemonPool(1, "forking pool").submit(fork)
assert done.wait(20)
"""


class Gate:
    """Work that says it has begun and goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.ended = threading.Event()
        self.worker: threading.Thread | None = None

    def __call__(self) -> None:
        self.worker = threading.current_thread()
        self.begun.set()
        assert self.go.wait(SOON)
        self.ended.set()


@pytest.fixture
def pool() -> DaemonPool:
    return DaemonPool(2, "test pool")


def workers(name: str = "test pool") -> set[threading.Thread]:
    """A worker is started before `submit` returns, so a test can count them at once."""
    return {one for one in threading.enumerate() if one.name == name}


def test_as_many_pieces_of_work_go_on_as_the_pool_is_large(pool: DaemonPool) -> None:
    of_others = workers()
    gates = [Gate() for _ in range(3)]
    for gate in gates:
        pool.submit(gate)

    assert gates[0].begun.wait(SOON)
    assert gates[1].begun.wait(SOON)
    assert len(workers() - of_others) == 2
    gates[0].go.set()
    assert gates[2].begun.wait(SOON)
    assert gates[0].ended.is_set()
    for gate in gates:
        gate.go.set()


def test_work_begins_in_the_order_it_came() -> None:
    pool = DaemonPool(1, "orderly pool")
    gate, last, order = Gate(), threading.Event(), list[int]()
    pool.submit(gate)
    for number in range(5):
        pool.submit(partial(order.append, number))
    pool.submit(last.set)
    gate.go.set()

    assert last.wait(SOON)
    assert order == [0, 1, 2, 3, 4]


def test_what_has_not_begun_can_be_withdrawn(pool: DaemonPool) -> None:
    gates = [Gate() for _ in range(3)]
    for gate in gates:
        pool.submit(gate)
    gates[1].begun.wait(SOON)

    assert pool.withdraw(gates[2])
    assert not pool.withdraw(gates[2])
    assert not pool.withdraw(gates[0])
    for gate in gates:
        gate.go.set()


def test_a_thread_that_only_waits_lends_its_place(pool: DaemonPool) -> None:
    inner = [Gate(), Gate()]
    outer_ended = threading.Barrier(3)

    def parent(child: Gate) -> None:
        pool.submit(child)
        with pool.lend_slot():
            assert child.ended.wait(SOON)
        outer_ended.wait(SOON)

    for gate in inner:
        pool.submit(partial(parent, gate))
    for gate in inner:
        assert gate.begun.wait(SOON)
        gate.go.set()
    outer_ended.wait(SOON)


def test_a_lent_place_is_taken_back() -> None:
    pool = DaemonPool(1, "lending pool")
    child, after, parent_ended = Gate(), Gate(), threading.Event()

    def parent() -> None:
        pool.submit(child)
        with pool.lend_slot():
            child.ended.wait(SOON)
        parent_ended.set()

    pool.submit(parent)
    child.go.set()
    assert parent_ended.wait(SOON)
    assert child.ended.is_set()
    both = workers("lending pool")
    pool.submit(after)
    assert after.begun.wait(SOON)
    assert after.worker is not None
    for surplus in both - {after.worker}:
        surplus.join(SOON)

    assert workers("lending pool") == {after.worker}
    after.go.set()


def test_work_that_raises_is_logged_and_its_thread_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = DaemonPool(1, "raising pool")
    gate = Gate()
    for _ in range(3):
        pool.submit(partial(sys.exit, "leaving"))
    pool.submit(gate)

    assert gate.begun.wait(SOON)
    assert len(workers("raising pool")) == 1
    assert [one.message for one in caplog.records] == [
        "Work in a pool of threads has raised an exception"
    ] * 3
    gate.go.set()


def test_a_worker_knows_its_pool(pool: DaemonPool) -> None:
    found: queue.SimpleQueue[DaemonPool | None] = queue.SimpleQueue()
    pool.submit(lambda: found.put(current_pool()))

    assert found.get(timeout=SOON) is pool
    assert current_pool() is None


def test_a_forked_child_that_comes_back_from_its_work_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORK],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["from the child", "the child ended with 0"]


def test_closed_pools_let_their_threads_end() -> None:
    pool = DaemonPool(2, "closing pool")
    gate = Gate()
    pool.submit(gate)
    gate.begun.wait(SOON)
    gate.go.set()
    [worker] = [one for one in threading.enumerate() if one.name == "closing pool"]

    pool.close()
    worker.join(SOON)

    assert not worker.is_alive()
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(gate)


def test_its_threads_never_keep_a_process_alive(pool: DaemonPool) -> None:
    gate = Gate()
    pool.submit(gate)
    gate.begun.wait(SOON)

    assert all(one.daemon for one in threading.enumerate() if one.name == "test pool")
    gate.go.set()


async def test_a_call_gives_its_value_or_its_exception(pool: DaemonPool) -> None:
    assert await pool.call(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await pool.call(lambda: 1 // 0)


def test_where_no_more_threads_can_be_started_those_that_are_there_do_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = DaemonPool(2, "test")
    gate, done = Gate(), threading.Event()
    pool.submit(gate)
    gate.begun.wait()

    with monkeypatch.context() as exhausted:
        exhausted.setattr(threading.Thread, "start", refuse)
        pool.submit(done.set)
    gate.go.set()

    assert done.wait(20)
    pool.close()


def test_work_that_no_thread_can_be_started_for_is_refused_and_not_done_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = DaemonPool(1, "test")
    refused, done = threading.Event(), threading.Event()

    with monkeypatch.context() as exhausted:
        exhausted.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="no more threads"):
            pool.submit(refused.set)
    pool.submit(done.set)

    assert done.wait(20)
    assert not refused.is_set()
    pool.close()


def refuse(thread: threading.Thread) -> None:
    raise RuntimeError("no more threads")
