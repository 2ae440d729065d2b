"""Types that no payload can be of: told where, and why."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pydantic
import pydantic.dataclasses
import pytest

from support.payloads import typed
from taskengine.payload.unsupported import UnsupportedPayload


class Point(NamedTuple):
    x: int


class Packed(msgspec.Struct, array_like=True):
    x: int


@dataclass
class Inner:
    where: list[Path]


@dataclass
class Outer:
    inner: dict[str, Inner]


class Model(pydantic.BaseModel):
    x: int


class Numbers(pydantic.RootModel[list[int]]):
    pass


@pydantic.dataclasses.dataclass
class Validated:
    x: int


@dataclass
class Mixed:
    model: Model


@dataclass
class Endless:
    x: float = float("inf")


@dataclass
class Anything:
    x: object
    y: object = field(default_factory=object)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (int, "int can't be the type of a payload"),
        (list[int], "list[int] can't be the type of a payload"),
        (dict[int, str], "dict[int, str] can't be the type of a payload"),
        (Inner | None, "can't be the type of a payload"),
        (Point, "Point can't be the type of a payload"),
        (Packed, "Packed can't be the type of a payload"),
        (re.Pattern, "can't be the type of a payload"),
        (Outer, "`Outer.inner.where` is of type Path, which JSON can't become"),
        (Mixed, "`Mixed.model` is of type Model, which JSON can't become"),
        (Inner | Outer, "TypeError: Type unions may not contain more than one"),
        (Validated, "`Validated` is of type Validated, a dataclass of pydantic (make it a model)"),
        (Numbers, "Numbers is no object, as a payload is"),
        (Endless, "Endless has a default that JSON can't carry"),
    ],
)
def test_a_type_that_no_payload_can_be_of_is_told(kind: Any, message: str) -> None:
    with pytest.raises(UnsupportedPayload, match=re.escape(message)):
        typed(kind)


def test_an_object_is_anything() -> None:
    assert typed(Anything).convert({"x": [1, {"a": None}]}).x == [1, {"a": None}]
