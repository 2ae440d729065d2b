"""The key of a call: the text by which runs of one task are kept apart."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from taskengine.errors import FieldFault, InvalidPayload
from taskengine.jsonvalue import NotJson, to_json
from taskengine.options import KeyFunction

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def key_of(key: str | KeyFunction | None, payload: object) -> str:
    """The key of a payload, a dict or a typed one; empty where the task asks for none.

    Raises InvalidPayload, and whatever the function raises.
    """
    if key is None:
        return ""
    value = field_of(payload, key) if isinstance(key, str) else key(payload)
    return _text(value)


def field_of(payload: object, path: str) -> Any:
    """The field of this name, or at this path of names with dots between. Raises InvalidPayload."""
    value = payload
    for name in path.split("."):
        try:
            value = value[name] if isinstance(value, Mapping) else getattr(value, name)
        except (KeyError, AttributeError):
            fault = FieldFault(path, "is missing, and the task's key is made of it")
            raise InvalidPayload(f"The payload has a fault: {fault}", [fault]) from None
    return value


def _text(value: object) -> str:
    """Text as it is, nothing for None, what JSON knows as JSON, else what `str` makes of it."""
    if isinstance(value, Enum):
        value = value.value
    if value is None:
        return ""
    try:
        plain = to_json(value, "key")
    except NotJson:
        return _own_text(value)
    if isinstance(plain, str):
        return plain
    # In pieces: made in one go, a long one would hold up all threads.
    return "".join(_ENCODER.iterencode(plain))


def _own_text(value: object) -> str:
    kind = type(value)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        raise InvalidPayload(
            f"The key is of type {kind.__name__}, which has no text that two equal keys would share"
        )
    return str(value).encode("utf-8", "backslashreplace").decode()
