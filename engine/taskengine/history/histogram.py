"""How long things took, counted in buckets, so that nothing is ever sorted."""

import math
from collections.abc import Mapping
from datetime import timedelta

# The middle of a bucket is less than a twentieth off from either of its ends.
_GROWTH = 1.1
_LOG_GROWTH = math.log(_GROWTH)
_SHORTEST = 1e-6
_LAST_BUCKET = math.floor(math.log(timedelta.max.total_seconds()) / _LOG_GROWTH)


class Histogram:
    """Durations in buckets, each of which ends a tenth further than it begins.

    Bucket 0 begins at one second, those of shorter durations are negative; what took less than a
    microsecond is counted as one.
    """

    def __init__(self, buckets: Mapping[int, int] | None = None) -> None:
        self._buckets = dict(buckets or {})

    @property
    def buckets(self) -> Mapping[int, int]:
        """How many durations fell into each bucket."""
        return self._buckets

    def add(self, duration: timedelta) -> None:
        """Count a duration."""
        seconds = max(duration.total_seconds(), _SHORTEST)
        bucket = math.floor(math.log(seconds) / _LOG_GROWTH)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def quantile(self, part: float) -> float | None:
        """The seconds that this part of the durations, from 0 to 1, did not exceed, give or take a
        twentieth; None without any.
        """
        total = sum(self._buckets.values())
        rank = max(math.ceil(total * part), 1)
        for bucket, count in sorted(self._buckets.items()):
            rank -= count
            if rank <= 0:
                return _middle(bucket)
        return None


def _middle(bucket: int) -> float:
    return math.exp((min(bucket, _LAST_BUCKET) + 0.5) * _LOG_GROWTH)
