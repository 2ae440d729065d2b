"""How many processes there are at a time."""

import asyncio

import pytest

from taskengine.executors.process.slots import Loan, Slots


async def test_slots_are_given_in_the_order_they_were_asked_for() -> None:
    slots = Slots(1)
    order: list[int] = []

    async def use(number: int) -> None:
        await slots.take()
        order.append(number)
        slots.give_back()

    await slots.take()
    users = [asyncio.create_task(use(number)) for number in range(3)]
    await asyncio.sleep(0)
    slots.give_back()
    await asyncio.gather(*users)

    assert order == [0, 1, 2]


async def test_one_that_gives_up_waiting_takes_nobodys_place() -> None:
    slots = Slots(1)
    await slots.take()
    waiting, other = (asyncio.create_task(slots.take()) for _ in range(2))
    await asyncio.sleep(0)

    waiting.cancel()
    slots.give_back()

    await other
    assert waiting.cancelled()


async def test_one_that_gives_up_just_when_it_is_its_turn_passes_it_on() -> None:
    slots = Slots(1)
    await slots.take()
    waiting, other = (asyncio.create_task(slots.take()) for _ in range(2))
    await asyncio.sleep(0)

    slots.give_back()
    waiting.cancel()

    await other
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_lent_slot_is_anothers_and_counts_again_afterwards() -> None:
    slots = Slots(1)
    await slots.take()

    with Loan(slots).open():
        await slots.take()
    third = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    slots.give_back()
    await asyncio.sleep(0)
    assert not third.done()

    slots.give_back()
    await third


async def test_one_that_waits_for_several_lends_its_slot_once_and_until_the_last() -> None:
    slots = Slots(1)
    await slots.take()
    loan = Loan(slots)

    with loan.open():
        with loan.open():
            await slots.take()
            other = asyncio.create_task(slots.take())
            await asyncio.sleep(0)
            assert not other.done()
        slots.give_back()
        await other
