"""Readers of values: each is given what an author wrote, and gives what counts or raises
OptionError.
"""

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from taskengine.project.durations import parse_duration
from taskengine.project.option_error import OptionError, must_be, must_be_one_of
from taskengine.project.sizes import parse_size
from taskengine.project.tables import Report
from taskengine.wording import did_you_mean

Reader: TypeAlias = Callable[[object], Any]

CENTURY = 36_525 * 86_400.0
NONE = "none"
_LARGEST_SIZE = 10**15


def or_none(read: Reader) -> Reader:
    """A reader that takes None, and the text "none" where there is no None to write."""

    def read_or_none(value: object) -> Any:
        is_none = value is None or (isinstance(value, str) and value == NONE)
        return None if is_none else read(value)

    return read_or_none


def one_of(kind: type[StrEnum]) -> Reader:
    """A reader of an enum's words."""
    words = tuple(one.value for one in kind)

    def read(value: object) -> StrEnum:
        if not isinstance(value, str) or value not in words:
            raise must_be_one_of(words, value)
        return kind(value)

    return read


def whole(minimum: int, maximum: int) -> Reader:
    """A reader of whole numbers from `minimum` to `maximum`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise must_be("a whole number", value)
        return int(within(value, minimum, maximum))

    return read


def read_flag(value: object) -> bool:
    """True or false, and nothing that only counts as such."""
    if not isinstance(value, bool):
        raise must_be("true or false", value)
    return value


def read_number(value: object, wanted: str = "a number") -> float:
    """A number that is finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise must_be(wanted, value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise OptionError("must be a number of a size that makes sense")
    return number


def read_duration(value: object) -> float:
    """Seconds, from a number or a text."""
    wanted = 'a number of seconds, or text such as "90s" or "1h30m"'
    if isinstance(value, str):
        seconds: float = parsed(parse_duration, value, wanted)
    else:
        seconds = read_number(value, wanted)
    return within(seconds, 0, CENTURY, "a century")


def sized(minimum: int, minimum_words: str) -> Reader:
    """A reader of sizes in bytes, from a number or a text. `minimum_words`: what is less than the
    minimum is less than this.
    """
    wanted = 'a number of bytes, or text such as "512MB" or "1GiB"'

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise must_be(wanted, value)
        size = int(parsed(parse_size, value, wanted) if isinstance(value, str) else value)
        if 0 <= size < minimum:
            is_meant = 0 < minimum <= size * 10**6
            message = f"is {size:,} bytes, less than {minimum_words}"
            raise OptionError(message, f'write "{size}MB" for megabytes' if is_meant else "")
        return int(within(size, 0, _LARGEST_SIZE, "1,000 TB"))

    return read


def above_zero(read: Reader) -> Reader:
    """A reader that refuses 0."""

    def read_above_zero(value: object) -> Any:
        found = read(value)
        if found == 0:
            raise OptionError("must be more than 0")
        return found

    return read_above_zero


def parsed(parse: Callable[[str], Any], text: str, wanted: str) -> Any:
    """What `parse` makes of a text, where ValueError means that it is not what is wanted."""
    try:
        return parse(text)
    except ValueError:
        raise must_be(wanted, text) from None


def within(value: float, minimum: float, maximum: float, maximum_words: str = "") -> float:
    """The number, if it is not out of its range."""
    if value < 0 <= minimum:
        raise OptionError("can't be negative")
    if value < minimum:
        raise OptionError(f"must be at least {minimum:g}")
    if value > maximum:
        raise OptionError(f"must be at most {maximum_words or f'{maximum:,.15g}'}")
    return value


def read_keys(
    table: Mapping[str, object], name: str, readers: Mapping[str, Reader], report: Report
) -> dict[str, Any]:
    """The good values of a config's table of that name. What is wrong goes to `report`."""
    good = {}
    for key, value in table.items():
        at = (name, key)
        if key not in readers:
            report(at, f"unknown key `{key}`", did_you_mean(key, tuple(readers)))
            continue
        try:
            good[key] = readers[key](value)
        except OptionError as error:
            report(at, f"`{key}` {error}", error.hint)
    return good
