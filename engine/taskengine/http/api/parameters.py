"""What callers send: query, path and body, read strictly into structs, or refused in words."""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Meta
from msgspec.inspect import CollectionType, FrozenSetType, ListType, SetType, VarTupleType
from starlette.exceptions import HTTPException
from starlette.requests import Request

from taskengine.wording import did_you_mean, fault_in_words, split_place

LARGEST = 2**63 - 1
"""The largest number that a run, a line or anything else that is counted can have."""
LONGEST_WAIT = 60

Number: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=LONGEST_WAIT)]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
Words: TypeAlias = Annotated[str, Meta(max_length=1_000)]

_WHOLE = re.compile(r"[+-]?[0-9]+")
_SEVERAL = (CollectionType, FrozenSetType, ListType, SetType, VarTupleType)
_LARGE_BODY = 16_384  # bytes; more than that is decoded on a helper thread
_QUOTED = 60

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call may have in its query. A field that is a list may be given several times."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call may have in its body, which is a JSON object."""


class NoQuery(Query, frozen=True, kw_only=True):
    """Nothing."""


def bad_call(message: str) -> HTTPException:
    """What says to the caller that the call is wrong."""
    return HTTPException(400, message)


def read_query(request: Request, kind: type[S]) -> S:
    """The query as a struct, instants in UTC. Raises what answers 400, naming the parameter."""
    given = request.query_params
    several = _names_of_several(kind)
    texts: dict[str, str | list[str]] = {}
    for name in given.keys():  # noqa: SIM118 - a multi-dict, whose keys() has each name once
        values = given.getlist(name)
        if name not in kind.__struct_fields__:
            raise bad_call(_unknown(name, kind.__struct_fields__))
        if name not in several and len(values) > 1:
            raise bad_call(f"`{name}` is given {len(values)} times")
        texts[name] = values if name in several else values[0]
    return _read(texts, kind)


def read_path(given: Mapping[str, str], kinds: Mapping[str, Any]) -> dict[str, object]:
    """The parameters of a path by their types. Raises what answers 400, naming the parameter."""
    return {name: _read_one(name, text, kinds[name]) for name, text in given.items()}


async def read_body(request: Request, kind: type[S]) -> S:
    """The body as a struct. Raises what answers 400, naming the field."""
    raw = await request.body()
    if len(raw) <= _LARGE_BODY:
        return _decode(raw, kind)
    return await asyncio.to_thread(_decode, raw, kind)


def _decode(raw: bytes, kind: type[S]) -> S:
    try:
        body = msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise bad_call(_in_words(str(error), "the body", kind.__struct_fields__)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_call(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise bad_call("the body is nested too deep") from None
    _make_utc(body)
    return body


def _read(texts: Mapping[str, str | list[str]], kind: type[S]) -> S:
    try:
        query = msgspec.convert(texts, kind, strict=False)
    except msgspec.ValidationError as error:
        raise bad_call(_in_words(str(error), "the query", kind.__struct_fields__, texts)) from None
    for name, given in texts.items():
        _check_number(name, getattr(query, name), given)
    _make_utc(query)
    return query


def _read_one(name: str, text: str, kind: Any) -> object:
    try:
        value = msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        fault = f"{error} - at `$.{name}`"
        raise bad_call(_in_words(fault, "the path", (name,), {name: text})) from None
    _check_number(name, value, text)
    return value


def _check_number(name: str, value: object, given: str | list[str]) -> None:
    """Refuse what text can say and JSON can't, though it was read as a number."""
    if not isinstance(given, str) or isinstance(value, bool | Enum):
        return
    if isinstance(value, int) and not _WHOLE.fullmatch(given):
        raise bad_call(f"`{name}` must be a whole number, not {_quoted(given)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise bad_call(f"`{name}` must be a number, not {_quoted(given)}")


def _make_utc(struct: msgspec.Struct) -> None:
    """Have all instants in UTC, where not every one that can be written has a place."""
    for name in struct.__struct_fields__:
        value = getattr(struct, name)
        if isinstance(value, datetime):
            try:
                msgspec.structs.force_setattr(struct, name, value.astimezone(UTC))
            except OverflowError:
                raise bad_call(f"`{name}` is before or after all dates") from None


@cache
def _names_of_several(kind: type[msgspec.Struct]) -> frozenset[str]:
    described = msgspec.inspect.type_info(kind)
    assert isinstance(described, msgspec.inspect.StructType)
    return frozenset(one.name for one in described.fields if isinstance(one.type, _SEVERAL))


def _in_words(
    message: str,
    whole: str,
    known: Sequence[str],
    texts: Mapping[str, str | list[str]] = MappingProxyType({}),
) -> str:
    """What msgspec says, for people; with the text that was given, where it is a text."""
    said, place = split_place(message)
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", said, re.DOTALL):
        return _unknown(unknown[1], known)
    words = (fault_in_words(said) or said).removesuffix(".0")  # 60 reads better than 60.0
    name = place.partition("[")[0]
    given = texts.get(name)
    if isinstance(given, list):
        given = given[int(place.partition("[")[2].rstrip("]") or 0)]
    if given is not None and words.endswith(", not text"):
        words = f"{words.removesuffix(', not text')}, not {_quoted(given)}"
    if given is not None and " " in given and "RFC3339" in said:
        words += " (`+` in a query is written as `%2B`)"
    return f"{f'`{place}`' if place else whole} {words}"


def _unknown(name: str, known: Sequence[str]) -> str:
    hint = did_you_mean(name, known)
    there_are = ", ".join(f"`{one}`" for one in known) or "none"
    return f"{_quoted(name)} is not known here: " + (hint or f"there is {there_are}")


def _quoted(text: str) -> str:
    return f"`{text if len(text) <= _QUOTED else text[:_QUOTED] + '…'}`"
