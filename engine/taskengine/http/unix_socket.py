"""A server's place at a unix socket, which it has to make anew when that is taken away."""

import asyncio
from pathlib import Path

from starlette.types import ASGIApp

from taskengine.http.door import SocketDoor
from taskengine.http.guard import Guard
from taskengine.http.limits import Limits
from taskengine.http.listener import Listener
from taskengine.http.peer import check_peer
from taskengine.http.socket_file import SocketFile


class UnixSocket:
    """Serves `app` to the user's own programs, which find the engine of `root` at `path`."""

    def __init__(self, root: Path, app: ASGIApp, limits: Limits) -> None:
        door = SocketDoor()
        self._file = SocketFile(root)
        self._app = Guard(app, lambda: door)
        self._limits = limits
        self._listener: Listener | None = None

    @property
    def path(self) -> Path | None:
        """The socket's path; None while there is none."""
        return self._file.path

    async def uphold(self) -> None:
        """Listen where others can come: at another socket, if the path of the one so far is gone.
        Whoever has come by that stays. Raises OSError, in words.
        """
        if await asyncio.to_thread(self._file.is_there):
            return
        bound = await asyncio.to_thread(self._file.open)
        if self._listener:
            await self._listener.move(bound)
        else:
            self._listener = Listener(self._app, bound, self._limits, check_peer)
            await self._listener.start()

    async def stop(self, grace: float) -> None:
        """Listen no more; those who call have `grace` seconds to be answered."""
        if self._listener:
            await self._listener.stop(grace)

    def close(self) -> None:
        """Take the socket away. On any thread; it may take its time."""
        self._file.close()
