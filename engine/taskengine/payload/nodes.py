"""msgspec's description of a type as a tree of nodes: what is below one, and its annotation."""

import decimal
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, TypeAlias, Union

import msgspec
from msgspec import inspect as mi

ObjectNode: TypeAlias = mi.StructType | mi.DataclassType | mi.TypedDictType

_CONSTRAINTS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")
_SCALARS: Mapping[type[mi.Type], Any] = {
    mi.AnyType: Any,
    mi.NoneType: None,
    mi.BoolType: bool,
    mi.IntType: int,
    mi.FloatType: float,
    mi.StrType: str,
    mi.BytesType: bytes,
    mi.ByteArrayType: bytearray,
    mi.MemoryViewType: memoryview,
    mi.DateTimeType: datetime,
    mi.TimeType: time,
    mi.DateType: date,
    mi.TimeDeltaType: timedelta,
    mi.UUIDType: uuid.UUID,
    mi.DecimalType: decimal.Decimal,
}
_COLLECTIONS: Mapping[type[mi.Type], Any] = {
    mi.ListType: list,
    mi.SetType: set,
    mi.FrozenSetType: frozenset,
}


def bare(node: mi.Type) -> mi.Type:
    """The node without what is only for the schema."""
    while isinstance(node, mi.Metadata):
        node = node.type
    return node


def members(node: mi.Type) -> list[mi.Type]:
    """The types of which a value has to be one."""
    plain = bare(node)
    return [bare(one) for one in plain.types] if isinstance(plain, mi.UnionType) else [plain]


def is_object(node: mi.Type) -> bool:
    """Whether a JSON object with known fields becomes this."""
    is_array = isinstance(node, mi.StructType) and node.array_like
    return isinstance(node, ObjectNode) and not is_array


def tag_field(node: mi.Type) -> str | None:
    """The key by which a Struct is told from others."""
    return node.tag_field if isinstance(node, mi.StructType) else None


def below(node: mi.Type) -> Iterator[tuple[str, mi.Type]]:
    """The nodes right below one, each with its field, if it has one."""
    plain = bare(node)
    match plain:
        case mi.StructType() | mi.DataclassType() | mi.TypedDictType() | mi.NamedTupleType():
            yield from ((field.encode_name, field.type) for field in plain.fields)
        case mi.UnionType():
            yield from (("", one) for one in plain.types)
        case mi.CollectionType():
            yield "", plain.item_type
        case mi.TupleType():
            yield from (("", one) for one in plain.item_types)
        case mi.DictType():
            yield from (("", plain.key_type), ("", plain.value_type))


def annotation_of(node: mi.Type) -> Any:
    """The annotation that the node describes, constraints included."""
    plain = bare(node)
    limits = {
        name: value for name in _CONSTRAINTS if (value := getattr(plain, name, None)) is not None
    }
    annotation = _unlimited(plain)
    return Annotated[annotation, msgspec.Meta(**limits)] if limits else annotation


def _unlimited(node: mi.Type) -> Any:
    match node:
        case mi.UnionType():
            return Union[tuple(annotation_of(one) for one in node.types)]  # noqa: UP007 - made here
        case mi.LiteralType():
            return Literal[node.values]
        case mi.CollectionType() | mi.TupleType() | mi.DictType():
            return _container(node)
    # A kind of type that later versions of msgspec know is taken as it is given.
    return _SCALARS[type(node)] if type(node) in _SCALARS else getattr(node, "cls", Any)


def _container(node: mi.CollectionType | mi.TupleType | mi.DictType) -> Any:
    match node:
        case mi.DictType():
            return dict.__class_getitem__(
                (annotation_of(node.key_type), annotation_of(node.value_type))
            )
        case mi.TupleType():
            return tuple.__class_getitem__(tuple(map(annotation_of, node.item_types)))
        case mi.VarTupleType():
            return tuple.__class_getitem__((annotation_of(node.item_type), ...))
    return _COLLECTIONS[type(node)].__class_getitem__(annotation_of(node.item_type))
