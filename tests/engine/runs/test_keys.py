"""What a key is made of."""

import uuid
from dataclasses import dataclass
from datetime import date
from enum import Enum

import pytest

from taskengine import InvalidPayload
from taskengine.runs.keys import key_of


class Color(Enum):
    RED = "red"


@dataclass
class Order:
    customer: str
    number: int = 7


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("eu-west", "eu-west"),
        (7, "7"),
        (True, "true"),
        (1.5, "1.5"),
        (None, ""),
        ([1, "a"], '[1,"a"]'),
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        (Color.RED, "red"),
        (date(2026, 3, 1), "2026-03-01"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("\udc80", "\\udc80"),
    ],
)
def test_a_key_is_text(value: object, key: str) -> None:
    assert key_of(lambda _: value, {}) == key


def test_without_an_option_there_is_no_key() -> None:
    assert key_of(None, {"customer": 1}) == ""


def test_a_field_is_found_by_its_path() -> None:
    assert key_of("customer", {"customer": "c1"}) == "c1"
    assert key_of("order.customer.id", {"order": {"customer": {"id": 4}}}) == "4"


def test_fields_of_a_typed_payload_have_their_defaults() -> None:
    assert key_of("number", Order("c1")) == "7"
    assert key_of("customer", Order("c1")) == "c1"


@pytest.mark.parametrize("payload", [{}, {"order": None}, {"order": 3}, {"order": {"id": 1}}])
def test_a_missing_field_is_a_fault_that_names_it(payload: object) -> None:
    with pytest.raises(InvalidPayload, match=r"order\.customer: is missing") as refused:
        key_of("order.customer", payload)

    assert [fault.path for fault in refused.value.faults] == ["order.customer"]


def test_an_object_whose_text_is_its_address_is_no_key() -> None:
    with pytest.raises(InvalidPayload, match="of type object, which has no text"):
        key_of(lambda _: object(), {})
