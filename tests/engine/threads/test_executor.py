"""The executor that loops hand their blocking calls to."""

import threading
from concurrent.futures import CancelledError

import pytest

from taskengine.threads.executor import DaemonExecutor

SOON = 60.0


def test_calls_that_have_not_begun_are_cancelled_at_the_end() -> None:
    executor = DaemonExecutor(1, "test executor")
    begun, go = threading.Event(), threading.Event()

    def block() -> bool:
        begun.set()
        return go.wait(SOON)

    first, second = executor.submit(block), executor.submit(block)
    assert begun.wait(SOON)
    executor.shutdown()

    with pytest.raises(CancelledError):
        second.result(SOON)
    with pytest.raises(RuntimeError, match="closed"):
        executor.submit(print)
    go.set()
    assert first.result(SOON)


def test_a_call_that_was_cancelled_is_never_made() -> None:
    executor = DaemonExecutor(1, "test executor")
    go = threading.Event()
    calls: list[str] = []
    first = executor.submit(go.wait, SOON)
    cancelled = executor.submit(calls.append, "cancelled")

    assert cancelled.cancel()
    last = executor.submit(calls.append, "last")
    go.set()

    assert first.result(SOON)
    last.result(SOON)
    assert calls == ["last"]
    executor.shutdown()
