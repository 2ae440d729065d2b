"""All that is wrong with a payload, field by field; msgspec itself stops at the first fault."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, get_args, get_origin

import msgspec
from msgspec import inspect as mi

from taskengine.errors import FieldFault
from taskengine.payload.nodes import ObjectNode, annotation_of, is_object, members, tag_field
from taskengine.wording import did_you_mean, fault_in_words, raised_in_words, split_place

Faults: TypeAlias = Iterator[FieldFault]


def unknown_fields(node: mi.Type, value: Any, path: str = "") -> Faults:
    """A fault for every key, at any depth, that is no field: it is likely to be mistyped."""
    fitting = _fitting(node, value)
    if isinstance(fitting, ObjectNode):
        yield from _unknown(fitting, value, path)
    for inner, item, place in _items(fitting, value, path):
        if isinstance(item, dict | list):
            yield from unknown_fields(inner, item, place)


def faults(node: mi.Type, value: Any, path: str = "") -> Faults:
    """Every fault, told at the deepest place that has it."""
    fitting = _fitting(node, value)
    is_clean = True
    for fault in _faults_inside(fitting, value, path):
        is_clean = False
        yield fault
    if is_clean:
        yield from _own_fault(node, value, path)


def joined(path: str, part: str | int) -> str:
    """The path of a part: `to.email`, `items[2]`."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if path else part


def _faults_inside(fitting: mi.Type | None, value: Any, path: str) -> Faults:
    if isinstance(fitting, ObjectNode):
        yield from _unknown(fitting, value, path)
        missing = (one for one in fitting.fields if one.required and one.encode_name not in value)
        for field in missing:
            yield FieldFault(joined(path, field.encode_name), "is missing")
    for inner, item, place in _items(fitting, value, path):
        yield from faults(inner, item, place)


def _fitting(node: mi.Type, value: Any) -> mi.Type | None:
    """The one type, among several, that a list or an object is meant to be; None if unclear."""
    if isinstance(value, dict):
        fitting = [one for one in members(node) if is_object(one) or isinstance(one, mi.DictType)]
        tagged = [one for one in fitting if _has_tag(one, value)]
        fitting = tagged if len(fitting) > 1 else fitting
    elif isinstance(value, list):
        fitting = [
            one for one in members(node) if isinstance(one, mi.CollectionType | mi.TupleType)
        ]
    else:
        return None
    return fitting[0] if len(fitting) == 1 else None


def _has_tag(node: mi.Type, value: dict[str, Any]) -> bool:
    name = tag_field(node)
    return isinstance(node, mi.StructType) and name is not None and value.get(name) == node.tag


def _unknown(node: ObjectNode, value: dict[str, Any], path: str) -> Faults:
    known = [field.encode_name for field in node.fields]
    for key in value:
        if key not in known and key != tag_field(node):
            hint = did_you_mean(key, known)
            said = f"is no field of {name_of(node)}"
            yield FieldFault(joined(path, key), f"{said} ({hint})" if hint else said)


def name_of(node: ObjectNode) -> str:
    """The name of an object's type, with the arguments of a generic one."""
    name = str((get_origin(node.cls) or node.cls).__name__)
    arguments = [getattr(one, "__name__", str(one)) for one in get_args(node.cls)]
    return f"{name}[{', '.join(arguments)}]" if arguments else name


def _items(fitting: mi.Type | None, value: Any, path: str) -> Iterator[tuple[mi.Type, Any, str]]:
    """What is right below a value: each part with its type and path."""
    match fitting:
        case mi.StructType() | mi.DataclassType() | mi.TypedDictType():
            for field in fitting.fields:
                if field.encode_name in value:
                    place = joined(path, field.encode_name)
                    yield field.type, value[field.encode_name], place
        case mi.DictType():
            yield from ((fitting.value_type, value[key], joined(path, key)) for key in value)
        case mi.CollectionType():
            for index, item in enumerate(value):
                yield fitting.item_type, item, joined(path, index)
        case mi.TupleType():
            for index, (inner, item) in enumerate(zip(fitting.item_types, value, strict=False)):
                yield inner, item, joined(path, index)


def _own_fault(node: mi.Type, value: Any, path: str) -> Faults:
    """What is wrong with a value whose parts are right."""
    try:
        msgspec.convert(value, annotation_of(node), str_keys=True)
    except msgspec.ValidationError as error:
        yield fault_of(error, node, path)
    except BaseException as error:  # noqa: BLE001 - users' types run code of their own
        yield FieldFault(path, raised_in_words(error))


def fault_of(error: msgspec.ValidationError, node: mi.Type, path: str = "") -> FieldFault:
    """The one fault that msgspec tells of a value at `path`."""
    said, place = split_place(str(error))
    separator = "." if path and place and not place.startswith("[") else ""
    message = _choice(node, said) or fault_in_words(said) or said
    return FieldFault(f"{path}{separator}{place}", message)


def _choice(node: mi.Type, said: str) -> str:
    """What the value may be, if it is none of a few choices."""
    if not said.startswith("Invalid enum value"):
        return ""
    choices = [repr(value) for one in members(node) for value in _values(one)]
    return f"must be one of {', '.join(choices)}" if choices else ""


def _values(node: mi.Type) -> Sequence[object]:
    match node:
        case mi.EnumType():
            return [member.value for member in node.cls]
        case mi.LiteralType():
            return node.values
    return ()
