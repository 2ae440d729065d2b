"""A call is over when its body and all that it asked to wait for are over."""

import asyncio

import pytest

from taskengine.executors.parts import CANCELLED, CallParts, Outcome
from taskengine.run import RunState


async def test_cancelled_work_is_over_when_it_has_tidied_up() -> None:
    parts = CallParts(asyncio.get_running_loop())
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()

    parts.add(work())
    parts.end_body(Outcome(value=1))
    await begun.wait()
    parts.cancel()
    await asyncio.sleep(0)
    assert not parts.ending.done()
    may_end.set()

    ending = await asyncio.wrap_future(parts.ending)
    assert ending.state is RunState.FAILED


async def test_work_that_comes_after_the_cancel_begins_and_is_cancelled() -> None:
    parts = CallParts(asyncio.get_running_loop())
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    parts.cancel()
    parts.add(work())
    parts.end_body(CANCELLED)

    await asyncio.wrap_future(parts.ending)
    assert begun.is_set()


async def test_work_cannot_be_added_to_a_call_that_is_over() -> None:
    parts = CallParts(asyncio.get_running_loop())
    parts.end_body(Outcome(value=1))

    with pytest.raises(RuntimeError, match="after its run was over"):
        parts.add(asyncio.get_running_loop().create_future())


async def test_what_cannot_be_awaited_is_refused() -> None:
    parts = CallParts(asyncio.get_running_loop())

    with pytest.raises(TypeError, match="takes an awaitable, not int"):
        parts.add(5)  # type: ignore[arg-type]
