"""The JSON payload that query parameters stand for, by the payload's schema."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from taskengine.payload.schema import Schema, alternatives, properties
from taskengine.run import JsonValue, Payload

_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
Readings: TypeAlias = Iterator[JsonValue]


def payload_of_query(query: Mapping[str, str | list[str]], schema: Schema) -> Payload:
    """Every parameter as its field's type if it can be read as such, and as it is if not.

    A repeated parameter is a list. A parameter that no field is named after stays as it is.
    """
    fields = properties(schema)
    others = schema.get("additionalProperties")
    unknown: Schema = others if isinstance(others, Mapping) else {}
    return {name: _read(given, fields.get(name, unknown), schema) for name, given in query.items()}


def _read(given: str | list[str], field: Schema, root: Schema) -> Any:
    """The first reading that one of the field's alternatives has; text wins where text will do."""
    found = list(alternatives(field, root))
    if isinstance(given, str) and any(_takes_text(choice) for choice in found):
        return given
    readings = (value for choice in found for value in _readings(given, choice, root))
    return next(readings, given)


def _takes_text(schema: Schema) -> bool:
    if "enum" in schema or "const" in schema:
        return False
    return schema.get("type", "string") == "string" or "string" in _types(schema)


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]


def _readings(given: str | list[str], schema: Schema, root: Schema) -> Readings:
    for kind in _types(schema) or [""]:
        if kind == "array":
            yield _list([given] if isinstance(given, str) else given, schema, root)
        elif isinstance(given, str) and ("enum" in schema or "const" in schema):
            yield from _choices(given, schema)
        elif isinstance(given, str) and kind in _READERS:
            yield from _READERS[kind](given)


def _list(texts: list[str], schema: Schema, root: Schema) -> list[Any]:
    places = schema.get("prefixItems", [])
    rest = schema.get("items")
    others: Schema = rest if isinstance(rest, Mapping) else {}
    return [
        _read(text, places[index] if index < len(places) else others, root)
        for index, text in enumerate(texts)
    ]


def _choices(text: str, schema: Schema) -> Readings:
    values = schema.get("enum", [schema.get("const")])
    yield from (value for value in values if text == value)
    yield from (value for value in values if text == json.dumps(value))


def _integer(text: str) -> Readings:
    if _INTEGER.fullmatch(text):
        yield int(text)


def _number(text: str) -> Readings:
    yield from _integer(text)
    if _NUMBER.fullmatch(text) and math.isfinite(number := float(text)):
        yield number


def _truth(text: str) -> Readings:
    if text.lower() in _TRUTHS:
        yield _TRUTHS[text.lower()]


def _null(text: str) -> Readings:
    if text in ("", "null"):
        yield None


def _object(text: str) -> Readings:
    """A nested object is written as JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value


_READERS: Mapping[str, Callable[[str], Readings]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _truth,
    "null": _null,
    "object": _object,
}
