"""A value that comes once, and those who wait for it."""

import asyncio

import pytest

from taskengine.runs.promise import Promise


async def test_all_who_wait_have_the_value_and_whoever_comes_later() -> None:
    promise: Promise[str] = Promise()
    waiting = [asyncio.ensure_future(promise.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    promise.fulfil("yes")

    assert await asyncio.gather(*waiting, promise.wait()) == ["yes"] * 4


async def test_the_first_value_counts() -> None:
    promise: Promise[str | None] = Promise()
    assert not promise.is_fulfilled
    promise.fulfil(None)
    promise.fulfil("late")

    assert promise.is_fulfilled
    assert await promise.wait() is None


async def test_whoever_gives_up_takes_nothing_from_the_others() -> None:
    promise: Promise[str] = Promise()
    patient, hasty = (asyncio.ensure_future(promise.wait()) for _ in range(2))
    await asyncio.sleep(0)
    hasty.cancel()
    promise.fulfil("yes")

    assert await patient == "yes"
    with pytest.raises(asyncio.CancelledError):
        await hasty
