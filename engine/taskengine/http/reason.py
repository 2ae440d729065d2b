"""Reason phrases of our own: ASGI knows a status by its number only, so that the phrase needs a way
of its own to the server that writes it.

Our server offers it to each request as an extension. Under another server there is none, and that
server's standard phrase goes out.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

EXTENSION = "taskengine.reason"
SET_REASON = "set"
_LONGEST = 200

SetReason = Callable[[bytes], None]


def as_reason(message: str) -> str:
    """One short line of latin-1, which is all that a reason phrase can be."""
    line = " ".join(message.split()).encode("latin-1", "replace").decode("latin-1")
    return "".join(one for one in line if one.isprintable())[:_LONGEST].strip()


def give_reason(scope: MutableMapping[str, Any], reason: str) -> None:
    """Have the answer to a request, which has not begun, go out with a reason phrase."""
    extension = (scope.get("extensions") or {}).get(EXTENSION)
    if extension is not None:
        set_reason: SetReason = extension[SET_REASON]
        set_reason(reason.encode("latin-1"))
