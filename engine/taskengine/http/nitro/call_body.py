"""The body of a call of a task, in Nitro's form: `{"payload": {...}}`."""

import re
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec
from starlette.exceptions import HTTPException

from taskengine.run import Payload

# Nitro's command line sends the last two besides; Nitro itself passes over them, and so do we.
_KNOWN = frozenset({"payload", "name", "context"})
_FORM = 'send {"payload": {...}}, or nothing at all'


def payload_in(body: bytes) -> Payload:
    """The `payload` of a body; empty where the body is, or has none. Raises HTTPException (400).

    Versions of Nitro take what they can't read for an empty payload, or for the payload itself, and
    run the task with something that nobody wrote.
    """
    if not body.strip():
        return {}
    call = _object(body)
    if "payload" in call:
        return _payload(call["payload"])
    if unknown := sorted(call.keys() - _KNOWN):
        _refuse(f"The body has no `payload`, but {_names(unknown)}: {_FORM}")
    return {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        call = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        _refuse(f"The body is not JSON ({_lower(reason)}): {_FORM}")
    except UnicodeDecodeError:
        _refuse(f"The body is not JSON (it is not UTF-8): {_FORM}")
    except RecursionError:
        _refuse("The body is nested too deeply")
    if not isinstance(call, dict):
        _refuse(f"The body is {_kind(call)}, not an object: {_FORM}")
    return call


def _payload(payload: object) -> Payload:
    if not isinstance(payload, dict):
        _refuse(f"The body's `payload` is {_kind(payload)}, not an object: {_FORM}")
    return payload


def _refuse(message: str) -> NoReturn:
    raise HTTPException(HTTPStatus.BAD_REQUEST, message) from None


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case list():
            return "a list"
    return "a number"


def _names(keys: list[str]) -> str:
    """A few of the keys, short, for a line that people read."""
    shown = ", ".join(f"`{re.sub(r'[^ -~]', '?', key)[:40]}`" for key in keys[:3])
    return shown if len(keys) <= 3 else f"{shown} and {len(keys) - 3} more"


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
