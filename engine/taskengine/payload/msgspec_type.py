"""Payloads that are dataclasses, TypedDicts, Structs or typed dicts, by way of msgspec."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import msgspec
from msgspec import inspect as mi

from taskengine.errors import FieldFault
from taskengine.jsonvalue import NotJson, to_json
from taskengine.payload.faults import fault_of, faults, name_of, unknown_fields
from taskengine.payload.nodes import ObjectNode, bare, below, is_object, members
from taskengine.payload.schema import rooted
from taskengine.payload.typed_payload import PayloadFaults, TypedPayload
from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.run import Payload

MOST_FAULTS = 100
_HINT = "name a dataclass, a TypedDict, a msgspec Struct or a pydantic model"
_ANY = {"type": ["object", "array", "string", "number", "boolean", "null"]}


def msgspec_type(annotation: Any) -> TypedPayload:
    """The payload type of an annotation. Raises UnsupportedPayload for what no JSON object becomes,
    and whatever msgspec makes of an annotation that it can't read.
    """
    # Made only for its checks; and text annotations are looked up now, while their modules are new.
    msgspec.json.Decoder(annotation)
    node = mi.type_info(annotation)
    name = _name(node, annotation)
    if not _is_payload(node):
        raise UnsupportedPayload(f"{name} can't be the type of a payload", _HINT)
    for place, culprit in _unsupported(node, name, set()):
        raise UnsupportedPayload(f"`{place}` is of type {culprit}, which JSON can't become", _HINT)
    return TypedPayload(
        name=name, schema=_schema(annotation, name), converter=_Converter(annotation, node)
    )


@dataclass(frozen=True, slots=True)
class _Converter:
    """Converts to a type, and tells every fault at once."""

    annotation: Any
    node: mi.Type

    def __call__(self, payload: Payload) -> Any:
        if any(unknown_fields(self.node, payload)):
            raise PayloadFaults(self._faults(payload))
        try:
            return msgspec.convert(payload, self.annotation, str_keys=True)
        except msgspec.ValidationError as error:
            found = self._faults(payload) or [fault_of(error, self.node)]
            raise PayloadFaults(found) from error

    def _faults(self, payload: Payload) -> list[FieldFault]:
        return list(islice(faults(self.node, payload), MOST_FAULTS))


def _name(node: mi.Type, annotation: Any) -> str:
    objects = [one for one in members(node) if isinstance(one, ObjectNode)]
    if objects and len(objects) == len(members(node)):
        return " | ".join(map(name_of, objects))
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _is_payload(node: mi.Type) -> bool:
    plain = bare(node)
    if isinstance(plain, mi.DictType):
        return isinstance(bare(plain.key_type), mi.StrType)
    return all(map(is_object, members(plain)))


def _unsupported(node: mi.Type, path: str, seen: set[int]) -> Iterator[tuple[str, str]]:
    """The places of types that JSON can't be converted to."""
    plain = bare(node)
    if id(plain) in seen:
        return
    seen.add(id(plain))
    if isinstance(plain, mi.CustomType) and plain.cls is not object:
        yield path, plain.cls.__qualname__
    if isinstance(plain, mi.ExtType | mi.RawType):
        yield path, type(plain).__name__.removesuffix("Type")
    if isinstance(plain, mi.DataclassType) and hasattr(plain.cls, "__pydantic_validator__"):
        # msgspec would make one without its validators.
        yield path, f"{name_of(plain)}, a dataclass of pydantic (make it a model)"
    for field, inner in below(plain):
        yield from _unsupported(inner, f"{path}.{field}" if field else path, seen)


def _schema(annotation: Any, name: str) -> dict[str, Any]:
    """The JSON schema, its object at the root. Defaults that JSON can't carry are a fault."""
    try:
        written = msgspec.json.schema(annotation, schema_hook=_schema_hook)
        return cast(dict[str, Any], to_json(rooted(written), name))
    except (NotJson, TypeError) as error:
        raise UnsupportedPayload(f"{name} has a default that JSON can't carry: {error}") from error


def _schema_hook(kind: type) -> dict[str, Any]:
    if kind is object:
        return dict(_ANY)
    raise NotImplementedError
