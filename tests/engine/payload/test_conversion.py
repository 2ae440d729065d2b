"""A JSON payload becomes the object that the task names, or is refused field by field."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Generic, Literal, NotRequired, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest

from support.payloads import refused, typed
from taskengine import InvalidPayload

T = TypeVar("T")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Person:
    email: str
    age: Annotated[int, msgspec.Meta(ge=0)] = 0


@dataclass(frozen=True, slots=True)
class Cleanup:
    folder: str
    days: float = 30
    dry_run: bool = True
    colour: Colour = Colour.RED
    mode: Literal["fast", "slow"] = "fast"
    owner: Person | None = None
    people: list[Person] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)


class Export(TypedDict):
    path: str
    rows: NotRequired[int]


class Mail(msgspec.Struct, rename="camel"):
    reply_to: str
    copies: list[str] = []


@dataclass
class Times:
    at: datetime
    day: date
    clock: time
    pause: timedelta
    price: Decimal
    id: UUID


@dataclass
class Page(Generic[T]):
    items: list[T]
    after: T | None = None


class Add(msgspec.Struct, tag=True, tag_field="do"):
    amount: int


class Drop(msgspec.Struct, tag=True, tag_field="do"):
    reason: str


@dataclass
class Tree:
    name: str
    below: list["Tree"] = field(default_factory=list)


def test_a_dataclass_gets_its_defaults_and_what_is_nested() -> None:
    given = {"folder": "/tmp", "colour": "blue", "owner": {"email": "a@b"}, "limits": {"x": 1}}

    assert typed(Cleanup).convert(given) == Cleanup(
        folder="/tmp", colour=Colour.BLUE, owner=Person("a@b"), limits={"x": 1}
    )


def test_a_typed_dict_stays_a_dict() -> None:
    assert typed(Export).convert({"path": "a"}) == {"path": "a"}


def test_a_struct_is_known_by_its_encoded_names() -> None:
    assert typed(Mail).convert({"replyTo": "a"}) == Mail(reply_to="a")
    assert refused(Mail, {"reply_to": "a"}) == {
        "reply_to": "is no field of Mail (did you mean `replyTo`?)",
        "replyTo": "is missing",
    }


def test_what_json_has_no_type_for_comes_as_text() -> None:
    given = {
        "at": "2026-01-31T12:00:00Z",
        "day": "2026-01-31",
        "clock": "12:30:00",
        "pause": "PT1H30M",
        "price": "1.50",
        "id": "12345678-1234-5678-1234-567812345678",
    }

    assert typed(Times).convert(given) == Times(
        at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        day=date(2026, 1, 31),
        clock=time(12, 30),
        pause=timedelta(minutes=90),
        price=Decimal("1.50"),
        id=UUID("12345678123456781234567812345678"),
    )


def test_text_that_is_no_date_is_told_with_an_example() -> None:
    given = dict.fromkeys(("at", "day", "clock", "pause", "price", "id"), "soon")

    assert refused(Times, given) == {
        "at": "must be like 2026-01-31T12:00:00Z",
        "day": "must be a date like 2026-01-31",
        "clock": "must be a time like 12:00:00",
        "pause": "must be a duration like PT1H30M",
        "price": "must be a number",
        "id": "must be a UUID",
    }


def test_generic_types_unions_by_tag_and_maps_of_one_type_are_understood() -> None:
    assert typed(Page[int]).convert({"items": [1, 2]}) == Page(items=[1, 2])
    assert typed(Add | Drop).convert({"do": "Drop", "reason": "old"}) == Drop(reason="old")
    assert typed(dict[str, int]).convert({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "payload", "faults"),
    [
        (Page[int], {"items": [1, "2"]}, {"items[1]": "must be a whole number, not text"}),
        (Add | Drop, {"do": "Add"}, {"amount": "is missing"}),
        (
            Add | Drop,
            {"do": "Add", "amount": 1, "reson": ""},
            {"reson": "is no field of Add"},
        ),
        (Add | Drop, {"do": "Stop"}, {"do": "is no possible value: 'Stop'"}),
        (Add | Drop, {}, {"": "lacks `do`"}),
        (dict[str, int], {"a": "1", "b": 1, "c": None}, {
            "a": "must be a whole number, not text",
            "c": "must be a whole number, not null",
        }),
    ],
)  # fmt: skip
def test_the_faults_of_generic_types_unions_and_maps_are_told(
    kind: Any, payload: dict[str, Any], faults: dict[str, str]
) -> None:
    assert refused(kind, payload) == faults


@pytest.mark.parametrize(
    ("field_name", "value", "message"),
    [
        ("folder", 3, "must be text, not a whole number"),
        ("folder", None, "must be text, not null"),
        ("days", "1", "must be a number, not text"),
        ("days", True, "must be a number, not true or false"),
        ("dry_run", "false", "must be true or false, not text"),
        ("dry_run", 0, "must be true or false, not a whole number"),
        ("colour", "green", "must be one of 'red', 'blue'"),
        ("mode", "soon", "must be one of 'fast', 'slow'"),
        ("owner", [], "must be an object, not a list"),
        ("people", {}, "must be a list, not an object"),
    ],
)
def test_nothing_is_taken_for_what_it_is_not(field_name: str, value: Any, message: str) -> None:
    assert refused(Cleanup, {"folder": "", field_name: value}) == {field_name: message}


def test_every_faulty_field_is_told_at_once_with_its_path() -> None:
    given = {
        "days": "x",
        "owner": {"age": -1},
        "people": [{"email": "a"}, {"email": 1, "age": 1.5}],
        "limits": {"cpu": "many"},
    }

    assert refused(Cleanup, given) == {
        "folder": "is missing",
        "days": "must be a number, not text",
        "owner.email": "is missing",
        "owner.age": "must be at least 0",
        "people[1].email": "must be text, not a whole number",
        "people[1].age": "must be a whole number, not a number",
        "limits.cpu": "must be a whole number, not text",
    }


def test_a_mistyped_key_is_refused_at_every_depth_though_all_else_is_right() -> None:
    given = {"folder": "", "dryrun": False, "owner": {"email": "", "mail": ""}, "people": []}

    assert refused(Cleanup, given) == {
        "dryrun": "is no field of Cleanup (did you mean `dry_run`?)",
        "owner.mail": "is no field of Person (did you mean `email`?)",
    }
    assert refused(Export, {"path": "", "row": 1}) == {
        "row": "is no field of Export (did you mean `rows`?)"
    }


def test_a_type_within_itself_is_understood() -> None:
    given = {"name": "a", "below": [{"name": "b", "below": [{"name": 3}]}]}

    assert refused(Tree, given) == {"below[0].below[0].name": "must be text, not a whole number"}


@dataclass
class Limits:
    name: Annotated[str, msgspec.Meta(min_length=2, pattern="^[a-z]*$")] = "ab"
    few: Annotated[list[int], msgspec.Meta(max_length=1)] = field(default_factory=list)
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    even: Annotated[int, msgspec.Meta(multiple_of=2)] = 2
    at: Annotated[datetime, msgspec.Meta(tz=True)] = datetime(2026, 1, 1, tzinfo=UTC)
    pair: tuple[int, str] = (1, "a")
    any_of: int | list[int] | None = None
    by_number: dict[int, str] = field(default_factory=dict)
    level: Level = Level.LOW


@pytest.mark.parametrize(
    ("field_name", "value", "message"),
    [
        ("name", "a", "must have a length of at least 2"),
        ("name", "ABC", "must match the pattern '^[a-z]*$'"),
        ("few", [1, 2], "must have a length of at most 1"),
        ("share", 0, "must be more than 0.0"),
        ("share", 1, "must be less than 1.0"),
        ("even", 3, "must be a multiple of 2"),
        ("at", "2026-01-01T00:00:00", "must be a date and time with a time zone"),
        ("pair", [1], "must have a length of 2"),
        ("any_of", "1", "must be a whole number or a list, not text"),
        ("by_number", {"one": "a"}, "must be a whole number, not text as a key"),
        ("level", 3, "must be one of 1, 2"),
    ],
)
def test_constraints_are_told_in_words(field_name: str, value: Any, message: str) -> None:
    assert refused(Limits, {field_name: value}) == {field_name: message}


def test_numbers_as_keys_are_read_from_their_text() -> None:
    assert typed(Limits).convert({"by_number": {"1": "a"}}).by_number == {1: "a"}


def test_the_message_names_the_type_and_the_first_faults() -> None:
    with pytest.raises(InvalidPayload) as caught:
        typed(dict[str, int]).convert(dict.fromkeys("abcdefg", ""))

    message = str(caught.value)
    assert message.startswith("The payload is no dict[str, int]: a: must be a whole number")
    assert message.endswith("; and 2 more")
    assert len(caught.value.faults) == 7


def test_a_hundred_faults_are_enough() -> None:
    with pytest.raises(InvalidPayload) as caught:
        typed(Page[int]).convert({"items": ["x"] * 10_000})

    assert len(caught.value.faults) == 100


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), "\ud800"])
def test_what_json_can_not_carry_is_refused(value: object) -> None:
    assert "which JSON can't carry" in refused(dict[str, int], {"a": value})[""]


def test_the_payload_stays_as_it_is_whatever_the_task_does_to_the_object() -> None:
    given: dict[str, Any] = {"people": [{"name": "a"}]}

    typed(dict[str, list[dict[str, Any]]]).convert(given)["people"][0]["name"] = "b"

    assert given == {"people": [{"name": "a"}]}
