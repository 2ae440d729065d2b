"""Reading JSON schemas: references, alternatives, the properties of an object."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFINITIONS = "#/$defs/"
_CHOICES = ("anyOf", "oneOf", "allOf")


def rooted(schema: Schema) -> dict[str, Any]:
    """The same schema with its object at the root, not behind a reference."""
    root = {**follow(schema, schema), "$defs": dict(schema.get("$defs", {}))}
    behind = str(schema.get("$ref", "")).removeprefix(_DEFINITIONS)
    if behind and not _refers_to(root, _DEFINITIONS + behind):
        del root["$defs"][behind]
    if not root["$defs"]:
        del root["$defs"]
    return {"$schema": DIALECT, **root}


def follow(schema: Schema, root: Schema) -> Schema:
    """What a schema says in the end: itself, or what it refers to in the `$defs` of the root."""
    seen = set()
    while (reference := schema.get("$ref")) is not None and reference not in seen:
        seen.add(reference)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        name = str(reference).removeprefix(_DEFINITIONS)
        schema = {**root.get("$defs", {}).get(name, {}), **beside}
    return schema


def choices(schema: Schema) -> Sequence[Schema]:
    """The schemas that this one leaves a choice of; `allOf` comes with a single one."""
    found: Sequence[Schema] = next(filter(None, map(schema.get, _CHOICES)), ())
    return found


def alternatives(
    schema: Schema, root: Schema, above: frozenset[str] = frozenset()
) -> Iterator[Schema]:
    """The schemas of which a value has to fit one; the schema itself if there is no choice.

    `above` are references that are not to be followed once more.
    """
    reference = schema.get("$ref")
    if reference in above:
        return
    inside = above | {reference} if reference else above
    followed = follow(schema, root)
    if not (found := choices(followed)):
        yield followed
    for choice in found:
        yield from alternatives(choice, root, inside)


def properties(schema: Schema) -> Mapping[str, Schema]:
    """The schemas of an object's fields, of all alternatives together."""
    found: dict[str, Schema] = {}
    for one in alternatives(schema, schema):
        found |= one.get("properties", {})
    return found


def _refers_to(part: Any, reference: str) -> bool:
    if isinstance(part, Mapping):
        return part.get("$ref") == reference or any(
            _refers_to(inner, reference) for inner in part.values()
        )
    return isinstance(part, list) and any(_refers_to(inner, reference) for inner in part)
