"""The headers of a request, read with suspicion: one that stands there twice is a refusal."""

from collections.abc import Mapping
from typing import Any

from taskengine.http.turned_away import TurnedAway


class Headers:
    """What an ASGI scope says a caller has sent."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._values: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            self._values.setdefault(name.lower(), []).append(value)

    def has(self, name: str) -> bool:
        """Whether there is a header of a name, in lower case, at all."""
        return name.encode() in self._values

    def one(self, name: str) -> str | None:
        """The text of the only header of a name; None if there is none.

        Raises TurnedAway where there are several, or one that is not plain ASCII.
        """
        raw = self.raw(name)
        if raw is None:
            return None
        text = raw.decode("latin-1")
        if not (text.isascii() and text.isprintable()):
            raise TurnedAway(400, f"The {name.title()} header holds what can't stand there")
        return text

    def raw(self, name: str) -> bytes | None:
        """The bytes of the only header of a name; None if there is none. Raises TurnedAway."""
        found = self._values.get(name.encode(), ())
        if len(found) > 1:
            raise TurnedAway(400, f"The request has {len(found)} {name.title()} headers")
        return found[0].strip(b" \t") if found else None
