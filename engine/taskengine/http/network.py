"""A server's place on the network, which a change of the config may move."""

from starlette.types import ASGIApp

from taskengine.http.access import Access
from taskengine.http.door import ClosedDoor, Door
from taskengine.http.guard import Guard
from taskengine.http.limits import Limits
from taskengine.http.listener import Listener
from taskengine.http.tcp_socket import bind_tcp, url_of


class Network:
    """Serves `app` at one address at a time. `url` is where; empty while it is nowhere."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._wanted: Access | None = None
        self._access: Access | None = None
        self._listener: Listener | None = None
        self._door: Door = ClosedDoor()
        self.url = ""

    def want(self, access: Access | None) -> None:
        """Have `access` from the next `move` on, None for nowhere. Who may call changes at once; at
        an address that has to be left nobody may any more. If others may than before, the streams
        and waits of those who have come end: their token may have been taken back.
        """
        self._wanted = access
        stays = access and self._access and _is_same_place(access, self._access)
        door = access.door if access and stays else ClosedDoor()
        if door != self._door:
            self._door.shut.begin()
            self._door = door

    async def move(self, grace: float) -> None:
        """Listen where that is wanted. Callers at another address have `grace` seconds to be
        answered. Raises OSError, in words.
        """
        if self._wanted and self._access and _is_same_place(self._wanted, self._access):
            return
        await self.stop(grace)  # before, for the port may be the same
        access = self._wanted  # by now
        if access is None:
            return
        bound = bind_tcp(access.address, access.port)
        self._listener = Listener(Guard(self._app, self._present_door), bound, self._limits)
        self._access, self._door, self.url = access, access.door, url_of(bound)
        await self._listener.start()

    @property
    def asks_for_token(self) -> bool:
        """Whether its callers must show one."""
        return self._door.token is not None

    async def stop(self, grace: float) -> None:
        """Listen no more."""
        listener, self._listener, self._access, self.url = self._listener, None, None, ""
        if listener:
            await listener.stop(grace)

    def _present_door(self) -> Door:
        return self._door


def _is_same_place(one: Access, other: Access) -> bool:
    return (one.address, one.port) == (other.address, other.port)
