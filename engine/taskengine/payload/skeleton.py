"""A payload to begin with: what a schema requires, and what it has defaults for."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from taskengine.payload.schema import Schema, choices, follow
from taskengine.run import JsonValue, Payload

_EMPTY: Mapping[str, JsonValue] = {"string": "", "boolean": False, "null": None}


def skeleton(schema: Mapping[str, JsonValue]) -> Payload:
    """The required and the defaulted fields, with defaults, first choices, or empty values.

    What it gives is of the right types; it may lack what only a person can know.
    """
    value = _Skeleton(schema).of(schema, frozenset())
    return value if isinstance(value, dict) else {}


class _Skeleton:
    """Makes values by one schema. `above` are the references that the value is within."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def of(self, schema: Schema, above: frozenset[str]) -> Any:
        reference = schema.get("$ref")
        if "default" not in schema and reference in above:
            return None
        inside = above | {reference} if reference else above
        followed = follow(schema, self._root)
        if "default" in followed:
            return deepcopy(followed["default"])
        if "const" in followed:
            return followed["const"]
        if followed.get("enum"):
            return followed["enum"][0]
        if found := choices(followed):
            return self._chosen(found, inside)
        return self._empty(followed, inside)

    def _chosen(self, found: Sequence[Schema], above: frozenset[str]) -> Any:
        """Null where that is possible, else the first that doesn't lead back to itself."""
        if any(choice.get("type") == "null" for choice in found):
            return None
        fresh = [choice for choice in found if choice.get("$ref") not in above]
        return self.of((fresh or found)[0], above)

    def _empty(self, schema: Schema, above: frozenset[str]) -> Any:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, above)
        if kind == "array":
            return self._array(schema, above)
        if kind in ("integer", "number"):
            return max(0, schema.get("minimum", 0))
        return _EMPTY.get(kind) if isinstance(kind, str) else None

    def _object(self, schema: Schema, above: frozenset[str]) -> Payload:
        required = schema.get("required", ())
        return {
            name: self.of(field, above)
            for name, field in schema.get("properties", {}).items()
            if name in required or "default" in field
        }

    def _array(self, schema: Schema, above: frozenset[str]) -> list[Any]:
        """As many items as their places are told apart."""
        return [self.of(item, above) for item in schema.get("prefixItems", ())]
