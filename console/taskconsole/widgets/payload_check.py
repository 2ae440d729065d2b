"""Reads a typed text as a payload, or says what is wrong with it, where, and how to mend it."""

import json
import re
from typing import Any, NoReturn

from taskconsole.widgets.payload_limits import first_breach
from taskconsole.widgets.payload_syntax import Spot, explain
from taskengine.run import Payload

_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"


class PayloadFault(Exception):
    """The text is no payload: a message for people, and the place, both numbers from 1.

    Two faults are equal if they say the same about the same place.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PayloadFault) and self.args == other.args

    def __hash__(self) -> int:
        return hash(self.args)


class _BreachError(ValueError):
    """The text is what Python reads as JSON, but not what other readers would."""


def parse_payload(text: str) -> Payload:
    """The payload that `text` stands for; blank text is the empty payload.

    Stricter than `json.loads`: the value is an object, no key comes twice, numbers are finite,
    and every string can be written as UTF-8. Raises PayloadFault. Takes time in proportion to
    the text's length.
    """
    if not text.strip():
        return {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    value = _load(text)
    if not isinstance(value, dict):
        raise _fault(text, _not_an_object(text))
    return value


def _load(text: str) -> object:
    if text.startswith(_BYTE_ORDER_MARK):
        raise _fault(text, Spot("the text begins with an invisible byte order mark: delete it", 0))
    try:
        value: object = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise _fault(text, explain(text, error.msg, error.pos)) from None
    except (ValueError, RecursionError):
        raise _fault(text, first_breach(text)) from None
    if _HALF_CHARACTER.search(text) and not _is_encodable(value):
        raise _fault(text, first_breach(text))
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _BreachError
    return members


def _refuse(constant: str) -> NoReturn:
    raise _BreachError(constant)


def _finite(number: str) -> float:
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise _BreachError(number)
    return value


def _is_encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_an_object(text: str) -> Spot:
    start = len(text) - len(text.lstrip())
    kind = {"[": "a list", '"': "a string"}.get(text[start], "a single value")
    mend = '{"items": […]}' if text[start] == "[" else '{"value": …}'
    return Spot(f"a payload is a JSON object, not {kind}: write {mend}", start)


def _fault(text: str, spot: Spot) -> PayloadFault:
    position = min(spot.position, len(text))
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return PayloadFault(spot.message, line, column)
