"""What JSON can carry: a value as JSON would give it back, or the place where it can't."""

import math
from collections.abc import Mapping

from taskengine.run import JsonValue

MAX_DEPTH = 200
_MOST_BITS = 13_288  # 4,000 digits; Python makes no text of a number of more than 4,300


class NotJson(ValueError):
    """A value that JSON can't carry. `place` is the path to it, such as `result.items[3].when`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} is {reason}, which JSON can't carry")
        self.place = place


def to_json(value: object, place: str) -> JsonValue:
    """The value with tuples as lists and subclasses of plain types as the plain types.

    Deliberately strict: what a run gives back is the same in this process, in a child process and
    over HTTP, so nothing is turned into text by guessing. Raises NotJson.
    """
    return _convert(value, place, 0)


def _convert(value: object, place: str, depth: int) -> JsonValue:
    if value is None or isinstance(value, bool):
        return value
    if depth > MAX_DEPTH:
        raise NotJson(place, f"nested deeper than {MAX_DEPTH} levels, or within itself")
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return _integer(value, place)
    if isinstance(value, float):
        if math.isfinite(value):
            return float.__float__(value)
        raise NotJson(place, repr(float(value)))
    if isinstance(value, Mapping):
        return {
            _key(key, place): _convert(item, f"{place}.{key}", depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_convert(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise NotJson(place, f"of type {type(value).__name__}")


def _integer(value: int, place: str) -> int:
    plain = int.__int__(value)  # a subclass may make something else of `int(value)`
    if plain.bit_length() > _MOST_BITS:
        raise NotJson(place, "a number of over 4,000 digits")
    return plain


def _key(key: object, place: str) -> str:
    if isinstance(key, str):
        return _text(key, f"a key of {place}")
    raise NotJson(f"the key {key!r} of {place}", f"of type {type(key).__name__}")


def _text(value: str, place: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise NotJson(place, "text with a lone surrogate") from error
    return str.__str__(value)
