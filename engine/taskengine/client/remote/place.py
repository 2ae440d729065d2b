"""Where an engine elsewhere is to be found, and the connection to it."""

import asyncio
from pathlib import Path

from taskengine.client.address import Address
from taskengine.client.find_engine import find_engine
from taskengine.client.remote.connection import Connection


class Place:
    """An address. If the project is known, its engine is looked for there too: one that was started
    anew may listen elsewhere.
    """

    def __init__(self, address: Address, token: str | None, root: Path | None) -> None:
        self._token = token
        self._root = root if isinstance(address, Path) else None
        self.connection = Connection(address, token)

    @property
    def address(self) -> Address:
        """Where the engine was reached, or looked for, last."""
        return self.connection.address

    async def connect(self) -> Connection:
        """The connection to use for the next try."""
        if self._root:
            note = await asyncio.to_thread(find_engine, self._root)
            if note and note.socket and note.socket != self.address:
                await self._move_to(note.socket)
        return self.connection

    async def _move_to(self, address: Address) -> None:
        left, self.connection = self.connection, Connection(address, self._token)
        await left.close()

    async def close(self) -> None:
        """Hang up."""
        await self.connection.close()
