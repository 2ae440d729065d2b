"""From a task's function to the type of its payload."""

from collections.abc import Callable
from typing import Any

from taskengine.payload.annotation import payload_annotation
from taskengine.payload.payload_type import PayloadType
from taskengine.payload.unsupported import UnsupportedPayload
from taskengine.wording import raised_in_words


def payload_type_of(function: Callable[..., object]) -> PayloadType | None:
    """The type that the function's annotation names for its payload; None for a plain dict.

    Runs users' code. Raises UnsupportedPayload, and nothing else.
    """
    try:
        annotation = payload_annotation(function)
        return None if annotation is None else _payload_type(annotation)
    except UnsupportedPayload:
        raise
    except BaseException as error:
        raised = raised_in_words(error)
        raise UnsupportedPayload(f"the type of the payload can't be used: {raised}") from error


def _payload_type(annotation: Any) -> PayloadType:
    # Most tasks take a plain dict: they don't wait for the libraries of those that don't.
    from taskengine.payload.msgspec_type import msgspec_type
    from taskengine.payload.pydantic_type import is_pydantic_model, pydantic_type

    if is_pydantic_model(annotation):
        return pydantic_type(annotation)
    return msgspec_type(annotation)
