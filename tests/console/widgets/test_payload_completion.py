"""What can stand at the cursor of a payload."""

from dataclasses import dataclass
from typing import Literal

import msgspec
import pytest

from taskconsole.widgets.payload_completion import complete
from taskconsole.widgets.payload_schema import PayloadSchema


@dataclass
class Person:
    email: str
    level: Literal["low", "high"] = "low"


@dataclass
class Mail:
    to: Person
    urgent: bool = False
    unread: bool = False
    copies: tuple[Person, ...] = ()


SCHEMA = PayloadSchema(msgspec.json.schema(Mail))


def completed(with_cursor: str) -> list[str]:
    """The texts with each completion put in; `|` stands for the cursor."""
    before, _, after = with_cursor.partition("|")
    text = before + after
    found = complete(SCHEMA, text, len(before))
    return [text[: found.start] + one + text[found.end :] for one in found.texts]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("{|}", '{"to": }'),
        ('{"|}', '{"to": }'),
        ('{"u|}', '{"urgent": }'),
        ("{un|}", '{"unread": }'),
        ('{"to": {|}}', '{"to": {"email": }}'),
        ('{"to": {"email": "x", |}}', '{"to": {"email": "x", "level": }}'),
        ('{"u|rgent": true}', '{"unread": true}'),
        ('{"to": {"level": |}}', '{"to": {"level": "high"}}'),
        ('{"to": {"level": "l|ow"}}', '{"to": {"level": "high"}}'),
        ('{"urgent": f|}', '{"urgent": false}'),
        ('{"copies": [{"e|}]}', '{"copies": [{"email": }]}'),
        ('{\n  "to": {},\n  "ur|\n}', '{\n  "to": {},\n  "urgent": \n}'),
    ],
)
def test_what_fits_takes_the_place_of_what_is_typed(text: str, first: str) -> None:
    assert completed(text)[0] == first


def test_keys_that_are_there_are_not_offered_again() -> None:
    offered = completed('{"to": {}, "urgent": true, |}')
    assert [text.rpartition("true, ")[2] for text in offered] == ['"unread": }', '"copies": }']


@pytest.mark.parametrize("text", ["|", "{}|", '{"to" |}', '{"urgent": true |}', '{"x": |}', "]|"])
def test_where_nothing_fits_nothing_is_offered(text: str) -> None:
    assert completed(text) == []
