"""Durations in buckets: what they say is at most a twentieth off."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskengine.history.histogram import Histogram

durations = st.timedeltas(timedelta(microseconds=1), timedelta(days=40_000))


@given(st.lists(durations, min_size=1, max_size=60), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_quantile_is_right_to_a_twentieth(some: list[timedelta], part: float) -> None:
    histogram = Histogram()
    for one in some:
        histogram.add(one)

    right = sorted(some)[math.ceil(len(some) * part) - 1].total_seconds()
    assert histogram.quantile(part) == pytest.approx(right, rel=0.05)


def test_nothing_has_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None


@pytest.mark.parametrize(
    "duration", [timedelta(0), timedelta(days=-1), timedelta.max, timedelta.min]
)
def test_any_duration_can_be_counted(duration: timedelta) -> None:
    histogram = Histogram()
    histogram.add(duration)

    quantile = histogram.quantile(0.5)

    assert quantile is not None
    assert quantile == pytest.approx(max(duration.total_seconds(), 1e-6), rel=0.05)


def test_a_histogram_can_be_made_again_from_its_buckets() -> None:
    histogram = Histogram()
    for seconds in (0.01, 0.1, 0.1, 90):
        histogram.add(timedelta(seconds=seconds))

    again = Histogram(histogram.buckets)
    again.add(timedelta(seconds=0.1))

    assert again.quantile(0.5) == histogram.quantile(0.5)
    assert sum(again.buckets.values()) == sum(histogram.buckets.values()) + 1
