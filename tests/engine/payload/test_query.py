"""Query strings are text: each becomes what its field asks for, or stays as it is."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from support.payloads import typed
from taskengine import InvalidPayload


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


@dataclass
class Person:
    email: str


@dataclass
class Query:
    text: str = ""
    count: int = 0
    share: float = 0
    flag: bool = False
    day: date | None = None
    colour: Colour = Colour.RED
    level: Level = Level.LOW
    mode: Literal["fast", 1] = 1
    number_or_none: int | None = None
    text_or_number: int | str = 0
    numbers: list[int] = field(default_factory=list)
    pair: tuple[int, bool] = (0, False)
    person: Person | None = None
    anything: Any = None


class Model(BaseModel):
    count: int = 0
    flags: list[bool] = []
    person: dict[str, int] | None = None


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("text", "1", "1"),
        ("count", "42", 42),
        ("count", "-42", -42),
        ("count", "1_000", "1_000"),
        ("count", "1.0", "1.0"),
        ("count", "9" * 5000, "9" * 5000),
        ("count", "٣", "٣"),
        ("share", "2", 2),
        ("share", "1.5e3", 1500.0),
        ("share", ".5", 0.5),
        ("share", "nan", "nan"),
        ("share", "1e999", "1e999"),
        ("flag", "true", True),
        ("flag", "TRUE", True),
        ("flag", "1", True),
        ("flag", "no", False),
        ("flag", "0", False),
        ("flag", "", ""),
        ("day", "2026-01-31", "2026-01-31"),
        ("colour", "red", "red"),
        ("colour", "green", "green"),
        ("level", "1", 1),
        ("mode", "fast", "fast"),
        ("mode", "1", 1),
        ("number_or_none", "1", 1),
        ("number_or_none", "", None),
        ("number_or_none", "null", None),
        ("text_or_number", "1", "1"),
        ("numbers", ["1", "2", "x"], [1, 2, "x"]),
        ("numbers", "1", [1]),
        ("pair", ["1", "true"], [1, True]),
        ("person", '{"email": "a"}', {"email": "a"}),
        ("person", "a", "a"),
        ("count", ["1", "2"], ["1", "2"]),
        ("anything", "1", "1"),
        ("unknown", "1", "1"),
        ("unknown", ["1", "2"], ["1", "2"]),
    ],
)
def test_a_parameter_is_read_as_its_field_or_stays_text(name: str, given: Any, read: Any) -> None:
    [found] = typed(Query).from_query({name: given}).values()

    assert (found, type(found)) == (read, type(read))


def test_a_parameter_of_a_model_or_a_map_is_read_too() -> None:
    assert typed(Model).from_query({"count": "1", "flags": ["on", "off"], "person": "{}"}) == {
        "count": 1,
        "flags": [True, False],
        "person": {},
    }
    assert typed(dict[str, int]).from_query({"a": "1"}) == {"a": 1}


def test_what_could_not_be_read_is_a_fault_of_its_field() -> None:
    kind = typed(Query)

    with pytest.raises(InvalidPayload) as caught:
        kind.convert(kind.from_query({"count": "many", "flag": "perhaps", "nothing": "1"}))

    assert {fault.path for fault in caught.value.faults} == {"count", "flag", "nothing"}
