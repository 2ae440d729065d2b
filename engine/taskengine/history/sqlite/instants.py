"""Instants as the file holds them: microseconds since 1970, in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """An aware instant as a number."""
    return (instant - _EPOCH) // _MICROSECOND


def to_micros_or_none(instant: datetime | None) -> int | None:
    """An instant as a number, if there is one."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def from_micros(number: int) -> datetime:
    """The instant, aware and in UTC, that `to_micros` made into a number."""
    return _EPOCH + timedelta(microseconds=number)


def from_micros_or_none(number: int | None) -> datetime | None:
    """The instant, if there is one."""
    return None if number is None else _EPOCH + timedelta(microseconds=number)
