"""What a schema says of the fields of a payload."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from taskconsole.widgets.payload_schema import PayloadSchema


class Level(Enum):
    LOW = "low"
    HIGH = "high"


@dataclass
class Person:
    email: Annotated[str, msgspec.Meta(description="Who gets it\nand nobody else")]
    friends: list["Person"] = field(default_factory=list)


@dataclass
class Mail:
    to: Person
    mode: Literal["fast", "slow"] = "fast"
    level: Level | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    pair: tuple[int, str] = (1, "a")
    dry_run: bool = True


SCHEMA = PayloadSchema(msgspec.json.schema(Mail))


def test_the_type_has_its_name() -> None:
    assert SCHEMA.name == "Mail"
    assert PayloadSchema({}).name == "its schema"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("to",), "to: object, required"),
        (("to", "email"), "to.email: text, required · Who gets it"),
        (("to", "friends"), "to.friends: list"),
        (("to", "friends", 2, "email"), "to.friends[2].email: text, required · Who gets it"),
        (("mode",), 'mode: one of "fast", "slow", by default "fast"'),
        (("at",), "at: date and time such as 2026-12-24T03:00:00Z or null, by default null"),
        (("counts", "any"), "counts.any: whole number"),
        (("pair", 1), "pair[1]: text"),
        (("dry_run",), "dry_run: true or false, by default true"),
        (("nothing",), ""),
        ((), ""),
    ],
)
def test_a_field_is_described(path: tuple[str | int, ...], words: str) -> None:
    assert SCHEMA.describe(path) == words


def test_an_object_names_its_fields() -> None:
    assert SCHEMA.keys(("to",)) == ("email", "friends")
    assert SCHEMA.keys(())[:2] == ("to", "mode")
    assert SCHEMA.keys(("mode",)) == ()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("mode",), {"fast", "slow"}),
        (("level",), {"low", "high", None}),
        (("dry_run",), {True, False}),
        (("to", "email"), set()),
    ],
)
def test_a_field_names_its_choices(path: tuple[str | int, ...], values: set[object]) -> None:
    assert set(SCHEMA.choices(path)) == values


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"$ref": "#/$defs/gone"},
        {"$ref": "elsewhere.json"},
        {"properties": [], "anyOf": [1, None], "enum": {}, "type": ["string", 5], "items": True},
        {"properties": {"x": True}},
        {"properties": {"x": {"type": 5, "enum": "abc", "required": "x"}}, "required": 1},
    ],
)
def test_a_schema_of_another_kind_does_no_harm(schema: dict[str, Any]) -> None:
    odd = PayloadSchema(schema)
    assert odd.describe(("x", 0)) == ""
    assert odd.choices(("x",)) == ()
    assert odd.is_required(("x",)) is False


def test_what_a_schema_says_cannot_steer_the_terminal() -> None:
    schema = {"properties": {"x": {"type": "string", "description": "\x1b[2J\x1b]0;t\x07"}}}
    assert "\x1b" not in PayloadSchema(schema).describe(("x",))
