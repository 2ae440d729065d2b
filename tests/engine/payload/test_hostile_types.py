"""Users' types run users' code, which may raise anything: a caller sees InvalidPayload only."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pydantic
import pytest

from support.payloads import refused, typed
from taskengine import InvalidPayload


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


RAISED = [
    (ValueError("not today"), "not today"),
    (TypeError("no type"), "no type"),
    (KeyError("day"), "KeyError: 'day'"),
    (SystemExit(3), "SystemExit: 3"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (asyncio.CancelledError(), "CancelledError"),
    (RecursionError("too deep"), "RecursionError: too deep"),
    (Mute(), "Mute: <no message: str() raised RuntimeError>"),
]


def dataclass_raising(error: BaseException) -> type:
    @dataclass
    class Hostile:
        x: int

        def __post_init__(self) -> None:
            raise error

    return Hostile


def struct_raising(error: BaseException) -> type:
    def fail(self: Any) -> None:
        raise error

    return msgspec.defstruct("Hostile", [("x", int)], namespace={"__post_init__": fail})


def model_raising(error: BaseException) -> type:
    def fail(value: int) -> int:
        raise error

    checked = pydantic.field_validator("x")(fail)
    return pydantic.create_model("Hostile", x=(int, ...), __validators__={"check": checked})


@pytest.mark.parametrize("make", [dataclass_raising, struct_raising])
@pytest.mark.parametrize(("error", "message"), RAISED)
def test_what_an_object_raises_of_itself_is_its_fault(
    make: Callable[[BaseException], type], error: BaseException, message: str
) -> None:
    assert refused(make(error), {"x": 1}) == {"": message}


@pytest.mark.parametrize(("error", "message"), RAISED)
def test_what_the_validator_of_a_model_raises_is_told(error: BaseException, message: str) -> None:
    found = refused(model_raising(error), {"x": 1})

    # pydantic takes only a ValueError for a fault of the field
    by_field = {"x": message} if isinstance(error, ValueError) else {}
    told = "TypeError: no type" if isinstance(error, TypeError) else message
    assert found == (by_field or {"": told})


def test_a_nested_object_that_raises_does_not_hide_the_other_faults() -> None:
    hostile: Any = dataclass_raising(KeyError("day"))
    kind = msgspec.defstruct("Kind", [("a", int), ("inner", hostile), ("list", list[hostile])])

    assert refused(kind, {"a": "1", "inner": {"x": 1}, "list": [{"x": 1}, {"x": ""}]}) == {
        "a": "must be a whole number, not text",
        "inner": "KeyError: 'day'",
        "list[0]": "KeyError: 'day'",
        "list[1].x": "must be a whole number, not text",
    }


def test_payloads_nested_too_deep_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"a": deep}

    for kind in (dict[str, dict[str, Any]], pydantic.create_model("Deep", a=(Any, ...))):
        with pytest.raises(InvalidPayload, match="nested deeper than"):
            typed(kind).convert(deep)
