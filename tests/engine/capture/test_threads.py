"""Threads, pools and timers go on with the run of the code that starts them."""

import _thread
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from multiprocessing.pool import ThreadPool

import pytest

from support.capture import Writer, captured

user = ContextVar("user", default="nobody")


@captured
def test_a_thread_writes_to_the_run_that_started_it(writer: Writer) -> None:
    def body() -> None:
        thread = threading.Thread(target=print, args=("from a thread",))
        timer = threading.Timer(0, print, ["from a timer"])
        for one in (thread, timer):
            one.start()
            one.join()

    writer.run(body)
    assert writer.texts == ["from a thread", "from a timer"]


@captured
def test_a_thread_of_a_thread_does_so_too(writer: Writer) -> None:
    def outer() -> None:
        inner = threading.Thread(target=print, args=("two down",))
        inner.start()
        inner.join()

    def body() -> None:
        thread = threading.Thread(target=outer)
        thread.start()
        thread.join()

    writer.run(body)
    assert writer.texts == ["two down"]


@captured
def test_all_context_variables_go_along(writer: Writer) -> None:
    def body() -> None:
        user.set("ada")
        thread = threading.Thread(target=lambda: print(user.get()))
        thread.start()
        thread.join()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: print(user.get(), "pooled")).result()

    writer.run(body)
    assert writer.texts == ["ada", "ada pooled"]


@pytest.fixture
def pythons_own_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest has a hook that turns exceptions of threads into warnings."""
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)


@pytest.mark.usefixtures("pythons_own_hook")
@captured
def test_a_threads_exception_is_shown_in_the_run(writer: Writer) -> None:
    def body() -> None:
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()

    writer.run(body)
    assert writer.texts[0] == "Exception in thread worker:"
    assert writer.texts[-1] == "ZeroDivisionError: division by zero"


@pytest.mark.usefixtures("pythons_own_hook")
@captured
def test_a_thread_that_leaves_by_sys_exit_says_nothing(writer: Writer) -> None:
    def body() -> None:
        thread = threading.Thread(target=sys.exit, args=(3,))
        thread.start()
        thread.join()

    writer.run(body)
    assert writer.texts == []


@captured
def test_a_shared_pool_belongs_to_no_run(
    capsys: pytest.CaptureFixture[str], writer: Writer
) -> None:
    other = Writer()
    with ThreadPoolExecutor(1) as pool:
        writer.run(lambda: pool.submit(print, "first").result())
        other.run(lambda: pool.submit(print, "second").result())
        pool.submit(user.get).result()
        assert pool.submit(threading.current_thread).result().name.startswith("ThreadPool")
        nobodys = pool.submit(lambda: print("of the host")).result()
    assert nobodys is None
    assert (writer.texts, other.texts) == (["first"], ["second"])


@captured
def test_a_pools_results_and_errors_reach_the_caller(writer: Writer) -> None:
    def body() -> list[int]:
        with ThreadPoolExecutor(2) as pool:
            with pytest.raises(ZeroDivisionError):
                pool.submit(lambda: 1 // 0).result()
            return list(pool.map(abs, [-1, -2]))

    assert writer.run(body) == [1, 2]


@captured
def test_a_thread_can_be_collected_after_its_end(writer: Writer) -> None:
    thread = threading.Thread(target=print, args=("x",))
    writer.run(thread.start)
    thread.join()
    assert "run" not in vars(thread)


@captured
def test_a_thread_without_an_object_belongs_to_the_run_too(writer: Writer) -> None:
    done = threading.Event()

    def body() -> None:
        print("bare thread")
        done.set()

    writer.run(_thread.start_new_thread, body, ())
    assert done.wait(20)
    assert writer.texts == ["bare thread"]


@captured
def test_a_shared_pool_of_multiprocessing_threads_serves_whoever_calls(writer: Writer) -> None:
    other = Writer()
    with ThreadPool(2) as pool:
        writer.run(lambda: pool.map(print, ["map"] * 4))
        writer.run(lambda: pool.apply(print, ("apply",), {"end": "!\n"}))
        other.run(lambda: list(pool.imap(print, ["imap"])))
        other.run(lambda: pool.starmap(print, [("star", "map")]))
        assert pool.map(abs, [-1]) == [1]
    assert writer.texts == ["map"] * 4 + ["apply!"]
    assert other.texts == ["imap", "star map"]
