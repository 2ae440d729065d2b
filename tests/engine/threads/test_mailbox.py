"""Calls that other threads ask a loop for, and coroutines that they have run there."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from taskengine.threads.loop import LoopThread
from taskengine.threads.mailbox import LoopEnded, Mailbox
from taskengine.threads.on_loop import on_loop

SOON = 60.0
user = ContextVar("user", default="nobody")


@pytest.fixture
def thread() -> Iterator[LoopThread]:
    thread = LoopThread("test loop")
    thread.start()
    yield thread
    assert thread.stop(SOON)


async def there(thread: LoopThread) -> "tuple[Mailbox, Mailbox]":
    """The mailbox of the other loop, and one of this."""
    return thread.mailbox, Mailbox(asyncio.get_running_loop())


def test_calls_of_many_threads_are_all_made_each_thread_s_in_its_order(thread: LoopThread) -> None:
    heard: list[tuple[int, int]] = []
    all_heard = threading.Event()

    def hear(poster: int, number: int) -> None:
        heard.append((poster, number))
        if len(heard) == 4_000:
            all_heard.set()

    def post(poster: int) -> None:
        for number in range(1_000):
            thread.mailbox.post(lambda number=number: hear(poster, number))  # type: ignore[misc]

    posters = [threading.Thread(target=post, args=(poster,)) for poster in range(4)]
    for one in posters:
        one.start()
    for one in posters:
        one.join()
    assert all_heard.wait(SOON)

    for poster in range(4):
        assert [number for who, number in heard if who == poster] == list(range(1_000))


def test_a_call_that_fails_is_reported_and_keeps_none_of_the_others_away(
    thread: LoopThread,
) -> None:
    reported: list[object] = []
    is_ready, may_go_on, is_heard = threading.Event(), threading.Event(), threading.Event()
    thread.loop.call_soon_threadsafe(
        thread.loop.set_exception_handler, lambda _, told: reported.append(told["exception"])
    )

    def hold() -> None:
        is_ready.set()
        may_go_on.wait(SOON)

    def fail() -> None:
        raise ValueError("no")

    thread.mailbox.post(hold)
    assert is_ready.wait(SOON)
    thread.mailbox.post(fail)
    thread.mailbox.post(is_heard.set)
    may_go_on.set()

    assert is_heard.wait(SOON)
    assert [str(error) for error in reported] == ["no"]


def test_an_interrupt_among_the_calls_ends_the_round_and_takes_none_with_it() -> None:
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    heard: list[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    for call in (interrupt, lambda: heard.append("one"), lambda: heard.append("two")):
        mailbox.post(call)
    with pytest.raises(KeyboardInterrupt):
        loop.run_forever()
    mailbox.post(lambda: heard.append("three"))

    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert heard == ["one", "two", "three"]


def test_a_call_is_made_that_comes_just_when_the_mailbox_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.new_event_loop()
    wake = loop.call_soon_threadsafe

    def wake_too_late(*args: Any, **kwargs: Any) -> asyncio.Handle:
        mailbox.close()
        loop.close()
        return wake(*args, **kwargs)

    monkeypatch.setattr(loop, "call_soon_threadsafe", wake_too_late)
    mailbox = Mailbox(loop)
    heard: list[str] = []
    mailbox.post(lambda: heard.append("one"))

    assert heard == ["one"]
    with pytest.raises(LoopEnded):
        mailbox.post(lambda: heard.append("two"))


async def test_a_call_is_made_in_no_context_of_the_poster(thread: LoopThread) -> None:
    user.set("Ann")
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        seen.append(user.get())
        done.set()

    thread.mailbox.post(look)

    assert await asyncio.to_thread(done.wait, SOON)
    assert seen == ["nobody"]


async def test_a_coroutine_runs_on_the_other_loop_in_the_caller_s_context(
    thread: LoopThread,
) -> None:
    async def work() -> tuple[object, str]:
        return asyncio.get_running_loop(), user.get()

    user.set("Ann")
    assert await on_loop(*await there(thread), work()) == (thread.loop, "Ann")


async def test_what_a_coroutine_raises_there_is_raised_here(thread: LoopThread) -> None:
    async def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await on_loop(*await there(thread), fail())


async def test_to_stop_waiting_cancels_the_work(thread: LoopThread) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    call = asyncio.ensure_future(on_loop(*await there(thread), work()))
    assert await asyncio.to_thread(begun.wait, SOON)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.to_thread(ended.wait, SOON)


async def test_work_that_is_cancelled_there_is_cancelled_here(thread: LoopThread) -> None:
    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await on_loop(*await there(thread), give_up())


async def test_a_loop_that_has_ended_takes_no_work_and_says_so_every_time() -> None:
    thread = LoopThread("ended")
    thread.start()
    mailboxes = await there(thread)
    assert thread.stop(SOON)

    for _ in range(2):
        with pytest.raises(LoopEnded):
            await asyncio.wait_for(on_loop(*mailboxes, asyncio.sleep(0)), SOON)


def test_a_mailbox_of_a_loop_that_is_closed_says_so_every_time() -> None:
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    loop.close()

    for _ in range(2):
        with pytest.raises(RuntimeError, match="closed"):
            mailbox.post(int)


async def test_whoever_waits_for_work_hears_that_the_loop_has_ended() -> None:
    thread = LoopThread("ended")
    thread.start()
    begun = threading.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    call = asyncio.ensure_future(on_loop(*await there(thread), work()))
    assert await asyncio.to_thread(begun.wait, SOON)
    assert await asyncio.to_thread(thread.stop, SOON)

    with pytest.raises(LoopEnded):
        await asyncio.wait_for(call, SOON)


async def test_work_that_comes_while_the_loop_ends_is_not_waited_for_in_vain() -> None:
    thread = LoopThread("ending")
    thread.start()
    mailboxes = await there(thread)
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        is_held.set()
        may_end.wait(SOON)
        thread.loop.stop()  # before it looks into its mailbox again

    thread.mailbox.post(hold)
    assert await asyncio.to_thread(is_held.wait, SOON)
    stopped = asyncio.ensure_future(asyncio.to_thread(thread.stop, SOON))
    call = asyncio.ensure_future(on_loop(*mailboxes, asyncio.Event().wait()))
    await asyncio.sleep(0)
    may_end.set()

    with pytest.raises(LoopEnded):
        await asyncio.wait_for(call, SOON)
    assert await stopped


async def test_what_a_mailbox_still_holds_when_it_closes_is_called() -> None:
    mailbox = Mailbox(asyncio.get_running_loop())
    called: list[int] = []
    mailbox.post(lambda: called.append(1))
    mailbox.close()
    assert called == [1]

    await asyncio.sleep(0)
    assert called == [1]
    with pytest.raises(LoopEnded):
        mailbox.post(int)
