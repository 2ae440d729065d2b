"""Has texts kept with a project elsewhere."""

import asyncio

from taskengine.client.remote.place import Place
from taskengine.records import StateKind


class Keeping:
    """Asks the engine for one thing at a time, for calls overtake each other, and what is kept last
    has to stay.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: none. Raises EngineUnreachable."""
        path = ("kept", kind, name)
        async with self._one_at_a_time:
            if text is None:
                await self._place.connection.order("DELETE", *path)
            else:
                await self._place.connection.order("PUT", *path, body={"text": text})
