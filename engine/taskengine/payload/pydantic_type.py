"""Payloads that are pydantic models, recognised by what they can do: pydantic is not imported."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, cast

from taskengine.errors import FieldFault
from taskengine.jsonvalue import to_json
from taskengine.payload.faults import joined
from taskengine.payload.schema import properties, rooted
from taskengine.payload.typed_payload import PayloadFaults, TypedPayload
from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.run import Payload
from taskengine.wording import did_you_mean

_PREFIXES = {"Input should ": "must ", "Value error, ": "", "Assertion failed, ": ""}


class Model(Protocol):
    """What of a pydantic model's class is used here."""

    __name__: str

    def model_validate_json(self, json_data: str) -> Any:
        """The model of a JSON text."""

    def model_json_schema(self) -> dict[str, Any]:
        """The schema of what `model_validate_json` takes."""


def is_pydantic_model(annotation: object) -> TypeGuard[Model]:
    """Whether it is a class with a model's methods, of pydantic 2."""
    methods = ("model_validate_json", "model_json_schema")
    return isinstance(annotation, type) and all(
        callable(getattr(annotation, method, None)) for method in methods
    )


def pydantic_type(model: Model) -> TypedPayload:
    """The payload type of a model. Raises UnsupportedPayload for one that is not an object."""
    name = model.__name__
    schema = cast(dict[str, Any], to_json(rooted(model.model_json_schema()), name))
    if schema.get("type") != "object":
        raise UnsupportedPayload(f"{name} is no object, as a payload is")
    return TypedPayload(
        name=name, schema=schema, converter=_Converter(model, tuple(properties(schema)))
    )


@dataclass(frozen=True, slots=True)
class _Converter:
    """Lets the model validate. As JSON, for then a strict model takes a date's text as a date."""

    model: Model
    fields: Sequence[str]

    def __call__(self, payload: Payload) -> Any:
        try:
            return self.model.model_validate_json(json.dumps(payload))
        except ValueError as error:
            errors = getattr(error, "errors", None)
            if not callable(errors):
                raise
            raise PayloadFaults(self._faults(payload, errors(include_url=False))) from error

    def _faults(self, payload: Payload, errors: Iterable[Mapping[str, Any]]) -> list[FieldFault]:
        """Each place once, as a union has a complaint for each of its members."""
        found: dict[str, str] = {}
        for error in errors:
            path = _path(payload, error["loc"], missing=error["type"] == "missing")
            words = self._words(error)
            found[path] = f"{found[path]}, or {words}" if path in found else words
        return [FieldFault(path, words) for path, words in found.items()]

    def _words(self, error: Mapping[str, Any]) -> str:
        if error["type"] == "missing":
            return "is missing"
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][-1])
            hint = did_you_mean(key, self.fields) if len(error["loc"]) == 1 else ""
            said = f"is no field of {self.model.__name__}"
            return f"{said} ({hint})" if hint else said
        message = str(error["msg"])
        for prefix, words in _PREFIXES.items():
            if message.startswith(prefix):
                return words + message.removeprefix(prefix)
        return message


def _path(payload: Payload, location: Sequence[str | int], *, missing: bool) -> str:
    """The location without the names of a union's members, which are no part of the payload.

    The last part of what is missing is none of the payload's either.
    """
    path, value = "", cast(object, payload)
    for part in location[:-1] if missing else location:
        is_index = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if is_index or (isinstance(value, dict) and part in value):
            path, value = joined(path, part), cast(Any, value)[part]
    return joined(path, location[-1]) if missing else path
