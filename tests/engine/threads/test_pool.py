"""The bounded pool of daemon threads."""

import threading
from functools import partial

import pytest

from taskengine.threads.pool import DaemonPool

SOON = 10.0


class Gate:
    """Work that says it has begun and goes on until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.ended = threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.go.wait(SOON)
        self.ended.set()


@pytest.fixture
def pool() -> DaemonPool:
    return DaemonPool(2, "test pool")


def test_as_many_pieces_of_work_go_on_as_the_pool_is_large(pool: DaemonPool) -> None:
    gates = [Gate() for _ in range(3)]
    for gate in gates:
        pool.submit(gate)

    assert gates[0].begun.wait(SOON)
    assert gates[1].begun.wait(SOON)
    assert not gates[2].begun.is_set()
    gates[0].go.set()
    assert gates[2].begun.wait(SOON)
    for gate in gates:
        gate.go.set()


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
