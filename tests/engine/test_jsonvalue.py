"""What JSON can carry, and where it can't."""

import enum
import math
from collections import OrderedDict
from datetime import UTC, datetime

import pytest

from taskengine.jsonvalue import NotJson, to_json


class Colour(enum.StrEnum):
    RED = "red"


class Shade(str, enum.Enum):  # noqa: UP042 - its text is not its value, as a StrEnum's is
    DARK = "dark"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (2.5, 2.5),
        ("é✓", "é✓"),
        ((1, (2, 3)), [1, [2, 3]]),
        (OrderedDict(a=1), {"a": 1}),
        (Colour.RED, "red"),
        (Shade.DARK, "dark"),
        ({Shade.DARK: 1}, {"dark": 1}),
        ({"a": [{"b": None}]}, {"a": [{"b": None}]}),
    ],
)
def test_json_values_pass_as_plain_types(value: object, expected: object) -> None:
    converted = to_json(value, "result")

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {"when": datetime.now(UTC)}]}, "result.a[1].when is of type datetime"),
        ({1: "x"}, "the key 1 of result is of type int"),
        ([math.nan], "result[0] is nan"),
        ([10**4001], "result[0] is a number of over 4,000 digits"),
        ({"x": {1, 2}}, "result.x is of type set"),
        (b"raw", "result is of type bytes"),
        ("\ud800", "result is text with a lone surrogate"),
        ({"\ud800": 1}, "a key of result is text with a lone surrogate"),
    ],
)
def test_the_place_of_what_json_cannot_carry_is_named(value: object, message: str) -> None:
    with pytest.raises(NotJson) as caught:
        to_json(value, "result")

    assert str(caught.value) == f"{message}, which JSON can't carry"


def test_a_value_within_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(NotJson, match="within itself"):
        to_json(endless, "result")
