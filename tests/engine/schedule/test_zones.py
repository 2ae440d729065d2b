"""The offset tables of zones against zoneinfo, and from several threads at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.thorough import examples
from taskengine.schedule.cron import Cron
from taskengine.schedule.zones import FIRST_INSTANT, LAST_INSTANT, Zone, load_zone

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Africa/Freetown",
    "America/Juneau",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Gaza",
)


def offset(zone: str, instant: int) -> int:
    found = datetime.fromtimestamp(instant, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def assert_true_segment(name: str, zone: Zone, instant: int) -> None:
    segment = zone.segment(instant)
    assert segment.start <= instant < segment.end
    for moment in (instant, max(segment.start, FIRST_INSTANT), segment.end - 1):
        assert offset(name, moment) == segment.offset


@examples(150)
@given(
    st.sampled_from(ZONES),
    st.one_of(
        st.integers(-4_000_000_000, 5_000_000_000), st.integers(FIRST_INSTANT, LAST_INSTANT - 1)
    ),
)
def test_a_segment_holds_one_offset_and_the_instant(name: str, instant: int) -> None:
    assert_true_segment(name, load_zone(name), instant)


@pytest.mark.slow
def test_every_zone_has_true_segments_since_1850() -> None:
    start, end = datetime(1850, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    for name in sorted(available_timezones()):
        zone, instant = Zone(ZoneInfo(name)), int(start.timestamp())
        while instant < end.timestamp():
            assert_true_segment(name, zone, instant)
            assert_no_change_within(name, instant, zone.segment(instant).end)
            instant = zone.segment(instant).end


def assert_no_change_within(name: str, start: int, end: int) -> None:
    offsets = {offset(name, instant) for instant in range(start, end, 86_400)}
    assert len(offsets) == 1, name


def test_after_a_step_back_the_fresh_time_is_where_the_clock_stood() -> None:
    autumn = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
    segment = load_zone("Europe/London").segment(autumn)
    assert (segment.start, segment.offset) == (autumn, 0)
    assert segment.fresh == autumn + 3600


class SetBackAt(tzinfo):
    """A clock one hour ahead of UTC until an instant, and with UTC from then on."""

    def __init__(self, instant: int) -> None:
        self._moment = datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)

    def fromutc(self, moment: datetime) -> datetime:
        is_ahead = moment.replace(tzinfo=None) < self._moment
        shown = moment + timedelta(hours=is_ahead)
        return shown.replace(
            fold=not is_ahead and shown.replace(tzinfo=None) < self._repeated_until
        )

    @property
    def _repeated_until(self) -> datetime:
        return self._moment + timedelta(hours=1)

    def utcoffset(self, shown: datetime | None) -> timedelta:
        assert shown is not None
        is_ahead = shown.replace(tzinfo=None, fold=0) < self._repeated_until and not shown.fold
        return timedelta(hours=is_ahead)

    def dst(self, shown: datetime | None) -> None:
        return None

    def tzname(self, shown: datetime | None) -> str:
        return "set back"


def test_a_repeated_hour_is_known_wherever_the_table_of_offsets_is_cut() -> None:
    cut = load_zone("UTC").segment(0).end
    for set_back in (cut - 1800, cut, cut + 1800):
        segment = Zone(SetBackAt(set_back)).segment(max(set_back, cut))
        assert (segment.offset, segment.fresh) == (0, set_back + 3600)


def test_after_a_step_forward_the_fresh_time_is_the_first_that_was_skipped() -> None:
    spring = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp())
    segment = load_zone("Europe/London").segment(spring)
    assert (segment.start, segment.offset) == (spring, 3600)
    assert segment.fresh == spring


def test_many_threads_that_share_a_zone_and_a_cron_find_the_same_fires() -> None:
    cron = Cron("30 1 * * sun", "Europe/London")
    after = [datetime(year, 1, 1, tzinfo=UTC) for year in range(1950, 2150, 5)]
    expected = [list(islice(Cron("30 1 * * sun", "Europe/London").fires(one), 60)) for one in after]
    load_zone.cache_clear()
    together = threading.Barrier(8)

    def find(_: int) -> list[list[datetime]]:
        fresh = Cron(cron.expression, cron.timezone)
        together.wait(timeout=30)
        return [list(islice(fresh.fires(one), 60)) for one in after]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(find, range(8)):
            assert found == expected
