"""How long it is to the next attempt, and how spans of time are slept."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskengine.clock import SystemClock
from taskengine.options import Backoff
from taskengine.runs.timing import LONGEST, after, delay_after, sleep_from
from taskengine.testing import ManualClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_the_wait_grows_by_its_factor_up_to_the_cap() -> None:
    backoff = Backoff(initial=2.0, factor=3.0, cap=50.0, jitter=0.0)

    assert [delay_after(number, backoff, lambda: 0.5) for number in range(1, 6)] == [
        2.0,
        6.0,
        18.0,
        50.0,
        50.0,
    ]


@pytest.mark.parametrize(("chance", "delay"), [(0.0, 7.5), (0.5, 8.75), (1.0, 10.0)])
def test_a_part_of_the_wait_is_left_to_chance(chance: float, delay: float) -> None:
    backoff = Backoff(initial=10.0, jitter=0.25)

    assert delay_after(1, backoff, lambda: chance) == pytest.approx(delay)


@given(
    attempt=st.integers(1, 10_000),
    initial=st.floats(0, 1e9),
    factor=st.floats(1, 1e9),
    cap=st.floats(0, 1e9),
    jitter=st.floats(0, 1),
    chance=st.floats(0, 1),
)
def test_the_wait_is_never_negative_nor_over_the_cap(
    attempt: int, initial: float, factor: float, cap: float, jitter: float, chance: float
) -> None:
    backoff = Backoff(initial=initial, factor=factor, cap=cap, jitter=jitter)

    assert 0 <= delay_after(attempt, backoff, lambda: chance) <= cap


@pytest.mark.parametrize("seconds", [1e8, 1e12, float("inf")])
def test_an_instant_that_no_calendar_has_is_ten_years_away(seconds: float) -> None:
    assert after(NOON, 1e12) - NOON == LONGEST
    assert after(NOON, seconds) - NOON <= LONGEST


async def test_a_clock_that_was_set_back_wakes_no_sleeper_early() -> None:
    clock = ManualClock(NOON)
    sleeper = asyncio.create_task(sleep_from(NOON, 60, clock))
    await asyncio.sleep(0)

    clock.set(NOON - timedelta(hours=1))
    clock.set(NOON + timedelta(seconds=59))
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.set(NOON + timedelta(seconds=60))

    await sleeper


class SetBackClock(SystemClock):
    """A machine whose wall clock is set back by an hour while somebody sleeps."""

    def __init__(self) -> None:
        self.error = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) - self.error

    async def sleep_until(self, instant: datetime) -> None:
        await super().sleep_until(instant)
        self.error = timedelta(hours=1)


async def test_a_wall_clock_that_is_set_back_makes_a_span_no_longer() -> None:
    clock = SetBackClock()

    async with asyncio.timeout(20):
        await sleep_from(clock.now(), 0.05, clock)
