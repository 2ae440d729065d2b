"""What a JSON schema says of the fields of a payload, asked field by field, told in words."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from taskconsole.phrases import plain
from taskconsole.widgets.json_places import Path, path_text
from taskengine.run import JsonValue

Node: TypeAlias = Mapping[str, Any]

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "object",
    "null": "null",
}
_FORMATS = {
    "date-time": "date and time such as 2026-12-24T03:00:00Z",
    "date": "date such as 2026-12-24",
    "time": "time such as 03:00:00",
    "duration": "duration such as PT1H30M",
    "uuid": "UUID",
    "byte": "base64 text",
}
_BRANCHES = ("anyOf", "oneOf", "allOf")
_CHOICES_NAMED = 8
_NOTHING: Node = {}


@dataclass(frozen=True, slots=True)
class PayloadSchema:
    """The schema (2020-12) of a payload. Paths are those of fields in it; a schema that asks for
    what is not understood here says less, never something wrong.
    """

    root: Node

    @property
    def name(self) -> str:
        """What the type of the payload is called."""
        title = self.root.get("title") or str(self.root.get("$ref", "")).rpartition("/")[2]
        return plain(str(title)) or "its schema"

    def keys(self, path: Path) -> Sequence[str]:
        """The fields that the object at a path may have, in their order."""
        found = [key for node in self._nodes(path) for key in _mapping(node, "properties")]
        return tuple(dict.fromkeys(found))

    def choices(self, path: Path) -> Sequence[JsonValue]:
        """The values that the field may have, where they are so few that they can be told."""
        found: dict[str, JsonValue] = {}
        for node in self._nodes(path):
            for value in _values(node):
                found.setdefault(json.dumps(value), value)
        return tuple(found.values())

    def missing(self, path: Path, present: Collection[str]) -> str:
        """The fields that an object may have besides those present, in a line."""
        keys = [key for key in self.keys(path) if key not in present]
        return plain(f"it may also have {', '.join(keys)}") if keys else ""

    def describe(self, path: Path) -> str:
        """A field in a line: `to.email: text, required · Who gets it`; empty if it is unknown."""
        nodes = list(self._nodes(path))
        if not nodes or not path:
            return ""
        traits = [_kinds(nodes), *self._rules(path, nodes)]
        words = f"{path_text(path)}: {', '.join(trait for trait in traits if trait)}"
        about = _first(nodes, "description")
        return plain(f"{words} · {about}" if about else words)

    def _rules(self, path: Path, nodes: Sequence[Node]) -> Iterator[str]:
        default = [node["default"] for node in (*self._own(path), *nodes) if "default" in node]
        if default:
            yield f"by default {json.dumps(default[0], ensure_ascii=False)}"
        elif isinstance(path[-1], str) and self.is_required(path):
            yield "required"

    def is_required(self, path: Path) -> bool:
        """Whether the object that a field is in must have it."""
        return any(path[-1] in _sequence(node, "required") for node in self._nodes(path[:-1]))

    def _nodes(self, path: Path) -> Iterator[Node]:
        """The subschemas for a path, with all branches they name."""
        for node in self._own(path):
            yield from self._spread(node, set())

    def _own(self, path: Path) -> Iterator[Node]:
        if not path:
            yield self.root
            return
        for parent in self._nodes(path[:-1]):
            if (child := _member(parent, path[-1])) is not None:
                yield child

    def _spread(self, node: Node, seen: set[int]) -> Iterator[Node]:
        if id(node) in seen:
            return
        seen.add(id(node))
        yield node
        if target := self._target(node):
            yield from self._spread(target, seen)
        for branch in _BRANCHES:
            for one in _sequence(node, branch):
                if isinstance(one, Mapping):
                    yield from self._spread(one, seen)

    def _target(self, node: Node) -> Node | None:
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        found: object = self.root
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else None


def _member(node: Node, step: str | int) -> Node | None:
    """The subschema of one member of a value."""
    if isinstance(step, int):
        prefix = _sequence(node, "prefixItems")
        found = prefix[step] if step < len(prefix) else node.get("items")
    else:
        found = _mapping(node, "properties").get(step, node.get("additionalProperties"))
    return found if isinstance(found, Mapping) else None


def _kinds(nodes: Sequence[Node]) -> str:
    """The types in words: `text or null`, `one of "a", "b"`."""
    values = [json.dumps(value, ensure_ascii=False) for node in nodes for value in _enum(node)]
    if values:
        more = " …" if len(values) > _CHOICES_NAMED else ""
        return f"one of {', '.join(dict.fromkeys(values[:_CHOICES_NAMED]))}{more}"
    return " or ".join(dict.fromkeys(kind for node in nodes for kind in _kind(node)))


def _kind(node: Node) -> Iterator[str]:
    named = node.get("type")
    for name in (named,) if isinstance(named, str) else _sequence(node, "type"):
        kind = _FORMATS.get(str(node.get("format"))) if name == "string" else None
        yield kind or _TYPES.get(str(name), str(name))


def _values(node: Node) -> Iterator[JsonValue]:
    yield from _enum(node)
    kinds = list(_kind(node))
    if _TYPES["boolean"] in kinds:
        yield from (True, False)
    if _TYPES["null"] in kinds:
        yield None


def _enum(node: Node) -> Iterator[JsonValue]:
    yield from _sequence(node, "enum")
    if "const" in node:
        yield node["const"]


def _first(nodes: Sequence[Node], key: str) -> str:
    return next((str(node[key]) for node in nodes if node.get(key)), "").partition("\n")[0]


def _mapping(node: Node, key: str) -> Node:
    found = node.get(key)
    return found if isinstance(found, Mapping) else _NOTHING


def _sequence(node: Node, key: str) -> Sequence[Any]:
    found = node.get(key)
    return found if isinstance(found, (list, tuple)) else ()
