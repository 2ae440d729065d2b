"""A payload to begin with, made of a schema."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, Optional

import msgspec
import pytest
from pydantic import BaseModel

from support.payloads import typed
from taskengine.payload.skeleton import skeleton


class Colour(Enum):
    RED = "red"


@dataclass
class Person:
    email: str
    age: int = 3


@dataclass
class Required:
    text: str
    count: int
    share: float
    flag: bool
    colour: Colour
    mode: Literal["b", "a"]
    person: Person
    maybe: int | None
    either: list[int] | int
    people: list[Person]
    pair: tuple[int, str]
    limits: dict[str, int]
    anything: Any
    above_two: Annotated[int, msgspec.Meta(ge=3)]


@dataclass
class Defaults:
    days: float = 30
    person: Person | None = None
    tags: tuple[str, ...] = ("a",)
    made: list[int] = field(default_factory=list)


@dataclass
class Endless:
    below: "Endless"


class Model(BaseModel):
    person: "Model | int"
    tags: list[str] = []
    below: Optional["Model"] = None


def test_every_required_field_has_an_empty_value_of_its_type() -> None:
    made = skeleton(typed(Required).schema)

    assert made == {
        "text": "",
        "count": 0,
        "share": 0,
        "flag": False,
        "colour": "red",
        "mode": "a",
        "person": {"email": "", "age": 3},
        "maybe": None,
        "either": [],
        "people": [],
        "pair": [0, ""],
        "limits": {},
        "anything": None,
        "above_two": 3,
    }
    assert typed(Required).convert(made).person == Person("")


def test_defaults_are_there_to_be_changed() -> None:
    assert skeleton(typed(Defaults).schema) == {"days": 30, "person": None, "tags": ["a"]}


def test_a_type_within_itself_comes_to_an_end() -> None:
    assert skeleton(typed(Endless).schema) == {"below": {"below": None}}
    inner = {"person": 0, "tags": [], "below": None}
    assert skeleton(typed(Model).schema) == {"person": inner, "tags": [], "below": None}


def test_the_skeleton_is_nobody_elses() -> None:
    schema = typed(Model).schema
    skeleton(schema)["tags"].append("x")

    assert skeleton(schema)["tags"] == []


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string"},
        {"$ref": "#/$defs/A"},
        {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}},
        {"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}]}}},
    ],
)
def test_a_schema_that_is_no_object_has_an_empty_payload(schema: dict[str, Any]) -> None:
    assert skeleton(schema) == {}
