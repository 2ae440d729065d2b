"""The schema of a payload, for editors: what fields there are, and what they mean."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
import pytest

from support.payloads import typed


class Colour(Enum):
    RED = "red"


@dataclass
class Person:
    """Who is told."""

    email: str


@dataclass
class Cleanup:
    """What to clean up."""

    folder: Annotated[str, msgspec.Meta(description="Where to look.", min_length=1)]
    owner: Person
    days: Annotated[float, msgspec.Meta(ge=0)] = 30
    colour: Colour = Colour.RED
    tags: list[str] = field(default_factory=list)


class Export(TypedDict):
    path: str
    rows: NotRequired[int]


@dataclass
class Node:
    below: "Node | None" = None


def test_a_schema_holds_all_that_the_type_says() -> None:
    schema: Any = typed(Cleanup).schema

    assert schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cleanup",
        "description": "What to clean up.",
        "type": "object",
        "properties": {
            "folder": {"type": "string", "description": "Where to look.", "minLength": 1},
            "owner": {"$ref": "#/$defs/Person"},
            "days": {"type": "number", "minimum": 0, "default": 30},
            "colour": {"$ref": "#/$defs/Colour", "default": "red"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["folder", "owner"],
        "$defs": {
            "Person": {
                "title": "Person",
                "description": "Who is told.",
                "type": "object",
                "properties": {"email": {"type": "string"}},
                "required": ["email"],
            },
            "Colour": {"title": "Colour", "enum": ["red"]},
        },
    }


def test_a_type_without_definitions_has_none() -> None:
    schema: Any = typed(Export).schema

    assert (schema["required"], "$defs" in schema) == (["path"], False)


def test_a_type_within_itself_refers_to_its_definition() -> None:
    schema: Any = typed(Node).schema

    assert schema["properties"]["below"]["anyOf"][0] == {"$ref": "#/$defs/Node"}
    assert schema["$defs"]["Node"]["properties"] == schema["properties"]


@pytest.mark.parametrize("kind", [Cleanup, Node, dict[str, int]])
def test_a_field_that_is_not_named_is_not_declared(kind: Any) -> None:
    assert not typed(kind).declares("scheduledTime")


def test_the_time_of_the_schedule_is_declared_by_its_name_in_json() -> None:
    class Scheduled(msgspec.Struct, rename="camel"):
        scheduled_time: int

    assert typed(Scheduled).declares("scheduledTime")
