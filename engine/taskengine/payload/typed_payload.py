"""A payload type of whatever library: its schema, and a converter that may raise anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from taskengine.errors import FieldFault, InvalidPayload
from taskengine.jsonvalue import NotJson, to_json
from taskengine.payload.query import payload_of_query
from taskengine.payload.schema import properties
from taskengine.run import JsonValue, Payload
from taskengine.wording import raised_in_words

_MOST_TOLD = 5


class PayloadFaults(Exception):
    """What a converter raises for a payload with these faults."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TypedPayload:
    """A PayloadType. `converter` is given a copy of the payload."""

    name: str
    schema: Mapping[str, JsonValue]
    converter: Callable[[Payload], Any]

    def declares(self, field: str) -> bool:
        """Whether the type names this field; what is only not forbidden does not count."""
        return field in properties(self.schema)

    def convert(self, payload: Payload) -> Any:
        """The payload as the task gets it. Raises InvalidPayload and nothing else."""
        faults: Sequence[FieldFault]
        try:
            return self.converter(cast(Payload, to_json(payload, "payload")))
        except PayloadFaults as error:
            faults = error.faults
        except NotJson as error:
            faults = [FieldFault("", str(error))]
        except BaseException as error:  # noqa: BLE001 - users' types run code of their own
            faults = [FieldFault("", raised_in_words(error))]
        raise InvalidPayload(self._message(faults), faults)

    def from_query(self, query: Mapping[str, str | list[str]]) -> Payload:
        """The JSON payload that query parameters stand for."""
        return payload_of_query(query, self.schema)

    def _message(self, faults: Sequence[FieldFault]) -> str:
        told = "; ".join(str(fault) for fault in faults[:_MOST_TOLD])
        more = len(faults) - _MOST_TOLD
        return f"The payload is no {self.name}: {told}{f'; and {more} more' if more > 0 else ''}"
