"""Facts as JSON and back: the dataclasses of the engine, field by field, by their own names.

Instants are RFC 3339 text in UTC, members of an enum their values, paths text.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_json(value: object) -> bytes:
    """A fact, or anything made of facts, as JSON. Raises TypeError for what is none.

    Lone surrogates, which stand for bytes in the names of files, are written out: no text in JSON
    can hold them, and one file must not hide all others.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, enc_hook=_plain, str_keys=True)
        return _encoder.encode(_encodable(plain))


def from_json(text: bytes | str, kind: type[T]) -> T:
    """The fact of a kind that was made into JSON. Raises ValueError for what is no such fact.

    Fields that are not known here are passed over: the other side may be a newer version.
    """
    return msgspec.json.decode(text, type=kind, dec_hook=_make, strict=True)


def fact_of(value: object, kind: type[T]) -> T:
    """The fact of a kind that JSON, read already, stands for. Raises ValueError for no such one."""
    return msgspec.convert(value, type=kind, dec_hook=_make, strict=False)


def _plain(value: object) -> object:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(one) for one in value]
    return value


def _make(kind: type[Any], value: object) -> object:
    if issubclass(kind, PurePath) and isinstance(value, str):
        return kind(value)
    raise TypeError(f"{kind} can't be made of {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
