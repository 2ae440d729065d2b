"""The OpenAPI document of the interface, made from the operations and the types that they name."""

from collections.abc import Iterable, Mapping
from inspect import cleandoc
from types import UnionType
from typing import Any, TypeAlias, get_args
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from taskengine._version import __version__
from taskengine.client.wire.messages import Lines, State, Telling
from taskengine.errors import FieldFault
from taskengine.http.api.operation import Operation
from taskengine.http.api.parameters import NoQuery

OPENAPI = "3.1.0"
_COMPONENT = "#/components/schemas/{name}"
_MESSAGES = (State, Telling, Lines)
_TOKEN = "token"  # noqa: S105 - the name of its scheme

Json: TypeAlias = dict[str, Any]


class Refused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Why a call was refused, or what went wrong. `message` is for people, `status_message` the
    same on one line; `faults` are of a payload's fields. `stack` is told on this machine only.
    """

    error: bool
    url: str
    status_code: int
    status_message: str
    message: str
    faults: tuple[FieldFault, ...] = ()
    stack: str | None = None


def openapi(operations: Iterable[Operation], prefix: str, root: str) -> Json:
    """The document. `prefix` is what all paths begin with. `root` is the path that the application
    is mounted at, if it is: without it, paths would be taken for the host's own.
    """
    operations = tuple(operations)
    named = [one.body for one in operations if one.body]
    named += [kind for one in operations for kind in _kinds(one.answer)]
    types = tuple(dict.fromkeys((*named, Refused, *_MESSAGES)))
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=_schema_of, ref_template=_COMPONENT
    )
    by_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, Json] = {}
    for one in operations:
        paths.setdefault(prefix + one.path, {})[one.method.lower()] = _described(one, by_type)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "taskconsole",
            "version": __version__,
            "description": "An engine for background tasks.",
        },
        **({"servers": [{"url": quote(root)}]} if root else {}),
        "paths": paths,
        "components": {
            "schemas": _with_plain_words(components),
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {_TOKEN: []}],  # not every server asks for one
    }


def _described(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    summary, _, more = operation.words.partition("\n\n")
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.subject],
        "summary": " ".join(summary.split()),
        "description": more or summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {
            str(int(operation.status)): _answer(operation, schemas),
            "default": {
                "description": "What went wrong.",
                "content": _json(schemas[Refused]),
            },
        },
    }
    if operation.may_be_empty:
        described["responses"]["204"] = {"description": "There is nothing to tell any more."}
    if operation.body:
        described["requestBody"] = {
            "required": any(one.required for one in msgspec.structs.fields(operation.body)),
            "content": _json(schemas[operation.body]),
        }
    return described


def _path_parameters(operation: Operation) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _inline_schema(kind)}
        for name, kind in operation.path_parameters.items()
    ]


def _query_parameters(operation: Operation) -> list[Json]:
    if operation.query is NoQuery:
        return []
    schema = _inline_schema(operation.query)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema["required"],
            "schema": _without_null(described),
        }
        for name, described in schema["properties"].items()
    ]


def _inline_schema(kind: Any) -> Json:
    """The schema of a type, without references."""
    [schema], components = msgspec.json.schema_components([kind], schema_hook=_schema_of)
    inlined: Json = _inlined(schema, components)
    return inlined


def _inlined(part: Any, components: Mapping[str, Json]) -> Any:
    if isinstance(part, list):
        return [_inlined(one, components) for one in part]
    if not isinstance(part, dict):
        return part
    if (reference := part.get("$ref")) is not None:
        return _inlined(components[reference.rpartition("/")[2]], components)
    return {key: _inlined(value, components) for key, value in part.items()}


def _without_null(schema: Json) -> Json:
    """The schema of what may be left away: no parameter can be null."""
    if schema.get("default", schema) is not None:
        return schema
    kinds = [one for one in schema["anyOf"] if one != {"type": "null"}]
    return dict(kinds[0]) if len(kinds) == 1 else {"anyOf": kinds}


def _with_plain_words(part: Any) -> Any:
    """The same with descriptions that are not indented as the code is from which they come."""
    if isinstance(part, list):
        return [_with_plain_words(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: cleandoc(value)
        if key == "description" and isinstance(value, str)
        else _with_plain_words(value)
        for key, value in part.items()
    }


def _answer(operation: Operation, schemas: Mapping[Any, Json]) -> Json:
    if operation.answer is None:
        return {"description": "It is done."}
    found = [schemas[kind] for kind in _kinds(operation.answer)]
    if not found:  # one that has a form of its own
        return {"description": "The answer.", "content": {operation.media_type: {"schema": {}}}}
    schema = found[0] if len(found) == 1 else {"anyOf": found}
    return {"description": "The answer.", "content": _json(schema)}


def _kinds(answer: Any) -> tuple[Any, ...]:
    """The types that an answer may hold."""
    if answer is None or answer is Response:
        return ()
    return get_args(answer) if isinstance(answer, UnionType) else (answer,)


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _schema_of(kind: type) -> Json:  # noqa: ARG001 - there is one such type
    """The schema of what only our own form of JSON knows: a path is text."""
    return {"type": "string", "format": "path"}
