"""What a type for payloads can do, whatever library it is made with."""

from collections.abc import Mapping
from typing import Any, Protocol

from taskengine.run import JsonValue, Payload


class PayloadType(Protocol):
    """The type that a task names for its payload, in `TaskEvent[...]`.

    `convert` and `from_query` may run users' code, so they are not called on the engine's loop.
    """

    @property
    def name(self) -> str:
        """The type's name, for people."""

    @property
    def schema(self) -> Mapping[str, JsonValue]:
        """The JSON schema (2020-12) of a payload."""

    def declares(self, field: str) -> bool:
        """Whether a payload may have a field of this name at its top level."""

    def convert(self, payload: Payload) -> Any:
        """The payload as the task gets it. Raises InvalidPayload, with a fault for each field that
        is known to be wrong.
        """

    def from_query(self, query: Mapping[str, str | list[str]]) -> Payload:
        """The JSON payload that query parameters stand for: their texts as the types of the fields
        where they can be read as such, and as they are where they can't.
        """
