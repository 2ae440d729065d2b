"""What holds for every type that a payload can be of, and for every payload."""

import datetime as dt
from dataclasses import make_dataclass
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Annotated, Any, Literal, NamedTuple, TypedDict
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from support.payloads import typed
from support.thorough import examples
from taskengine import InvalidPayload
from taskengine.errors import FieldFault
from taskengine.payload.payload_type import PayloadType
from taskengine.payload.skeleton import skeleton

Strategy = st.SearchStrategy[Any]
STEADY = examples(30)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Family(NamedTuple):
    """A type, values of it, and whether an empty value of its JSON type is always right."""

    kind: Any
    values: Strategy
    has_empty: bool = True


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
TIMES = st.datetimes(timezones=st.just(dt.UTC))
SCALARS = [
    Family(int, st.integers()),
    Family(float, st.floats(allow_nan=False, allow_infinity=False)),
    Family(str, TEXTS),
    Family(bool, st.booleans()),
    Family(Colour, st.sampled_from(Colour)),
    Family(Literal["a", "b"], st.sampled_from(["a", "b"])),
    Family(int | None, st.none() | st.integers()),
    Family(Annotated[int, msgspec.Meta(ge=5)], st.integers(min_value=5)),
    Family(Annotated[str, msgspec.Meta(min_length=1)], TEXTS.filter(bool), has_empty=False),
    Family(dt.datetime, TIMES, has_empty=False),
    Family(dt.date, st.dates(), has_empty=False),
    Family(dt.timedelta, st.timedeltas(dt.timedelta(-9), dt.timedelta(9)), has_empty=False),
    Family(UUID, st.uuids(), has_empty=False),
    Family(Decimal, st.decimals(allow_nan=False, allow_infinity=False), has_empty=False),
]
NUMBERS = count()
NAMES = ["folder", "days", "dry_run", "owner", "colour"]


def as_dataclass(name: str, fields: dict[str, Any]) -> Any:
    return make_dataclass(name, list(fields.items()))


def as_struct(name: str, fields: dict[str, Any]) -> Any:
    return msgspec.defstruct(name, list(fields.items()))


def as_typed_dict(name: str, fields: dict[str, Any]) -> Any:
    return TypedDict(name, fields)  # type: ignore[operator]


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Family]) -> Family:
    """An object of some fields, by one of the libraries."""
    fields = draw(st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=4))
    make = draw(st.sampled_from([as_dataclass, as_struct, as_typed_dict]))
    kind = make(f"Made{next(NUMBERS)}", {name: one.kind for name, one in fields.items()})
    values = st.fixed_dictionaries({name: one.values for name, one in fields.items()})
    has_empty = all(one.has_empty for one in fields.values())
    return Family(kind, values.map(lambda given: kind(**given)), has_empty)


def lists(inner: Family) -> Family:
    return Family(list[inner.kind], st.lists(inner.values, max_size=3))  # type: ignore[name-defined]


def maps(inner: Family) -> Family:
    return Family(dict[str, inner.kind], st.dictionaries(TEXTS, inner.values, max_size=3))  # type: ignore[name-defined]


def larger(inner: st.SearchStrategy[Family]) -> st.SearchStrategy[Family]:
    return inner.map(lists) | inner.map(maps) | objects(inner)


FAMILIES = objects(st.recursive(st.sampled_from(SCALARS), larger, max_leaves=4))
FLAT = objects(st.sampled_from(SCALARS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PAYLOADS = st.dictionaries(st.sampled_from(NAMES) | TEXTS, JSON, max_size=5)


def faults_of(kind: PayloadType, payload: dict[str, Any]) -> tuple[FieldFault, ...] | None:
    """Why a payload is refused; None if it isn't."""
    try:
        kind.convert(payload)
    except InvalidPayload as error:
        return error.faults
    return None


def json_of(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True)


@STEADY
@given(st.data(), FAMILIES)
def test_what_is_sent_as_json_comes_back_equal(data: st.DataObject, family: Family) -> None:
    value = data.draw(family.values)

    assert typed(family.kind).convert(json_of(value)) == value


@STEADY
@given(PAYLOADS, FAMILIES)
def test_any_payload_is_converted_or_refused_with_its_faults(
    payload: dict[str, Any], family: Family
) -> None:
    faults = faults_of(typed(family.kind), payload)

    assert faults is None or len(faults) > 0


MODEL = typed(create_model("Model", folder=(str, ...), days=(float, 3), owner=(int | None, None)))


@STEADY
@given(PAYLOADS)
def test_any_payload_of_a_model_is_converted_or_refused(payload: dict[str, Any]) -> None:
    faults = faults_of(MODEL, payload)

    assert faults is None or len(faults) > 0


@STEADY
@given(st.data(), FAMILIES)
def test_exactly_the_fields_that_are_wrong_are_told(data: st.DataObject, family: Family) -> None:
    payload = json_of(data.draw(family.values))
    wrong = data.draw(st.sets(st.sampled_from(sorted(payload)), min_size=1))
    for name in wrong:
        payload[name] = [[]] if isinstance(payload[name], dict) else {"wrong": {}, "": {}}

    faults = faults_of(typed(family.kind), payload) or ()

    assert {fault.path.split(".")[0].split("[")[0] for fault in faults} == wrong


@STEADY
@given(FAMILIES)
def test_a_skeleton_lacks_nothing_but_what_only_a_person_can_know(family: Family) -> None:
    kind = typed(family.kind)

    faults = faults_of(kind, skeleton(kind.schema))

    assert faults is None or not family.has_empty
    assert not [fault for fault in faults or () if fault.message == "is missing"]


@STEADY
@given(st.data(), FLAT)
def test_a_value_written_as_text_is_read_from_a_query(data: st.DataObject, family: Family) -> None:
    value = data.draw(family.values)
    texts = {name: _text(one) for name, one in json_of(value).items()}
    kind = typed(family.kind)

    assert kind.convert(kind.from_query(texts)) == value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
