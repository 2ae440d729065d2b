"""Where a server listens on the network, and for whom: what its starter says, and the config."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from taskengine.hosts import plain_host
from taskengine.http.door import NetworkDoor
from taskengine.http.tcp_socket import ServerRefused, address_of, check_access
from taskengine.project.server_config import ServerConfig, check_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An address (not a name) with a port, and the door behind it."""

    address: str
    port: int
    door: NetworkDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What whoever starts a server says of it; what is not said comes from the config."""

    host: str | None = None
    port: int | None = None
    token: str | None = None
    allowed_hosts: Sequence[str] = ()

    def access(self, config: ServerConfig) -> Access | None:
        """What that comes to; None: nobody wants a server on the network.

        Raises ServerRefused for what would let strangers in, or can't be understood.
        """
        port = config.port if self.port is None else self.port
        if port is None and config.is_sound:
            return None
        if not config.is_sound:
            raise ServerRefused(
                "The [server] table of the config has a fault, which might keep out fewer callers"
                " than was meant: the server takes no calls over the network until it is mended"
            )
        address = address_of(config.host if self.host is None else self.host)
        token = config.token if self.token is None else self.token
        door = network_door(token, [*self.allowed_hosts, *config.allowed_hosts])
        check_access(address, door.hosts, token)
        door = replace(door, hosts=door.hosts | {address})
        return Access(address=address, port=port or 0, door=door)


def network_door(token: str | None, hosts: Sequence[str]) -> NetworkDoor:
    """A door for callers who show a token, by names of which each is checked.

    Raises ServerRefused for a token that nobody can show, and for what is no host.
    """
    if isinstance(hosts, str):
        raise ServerRefused(f"allowed_hosts must be several texts, such as [{hosts!r}]")
    try:
        names = frozenset(plain_host(name) for name in hosts)
    except ValueError as error:
        raise ServerRefused(f"allowed_hosts: {error}") from None
    try:
        return NetworkDoor(token=None if token is None else check_token(token), hosts=names)
    except ValueError as error:
        raise ServerRefused(f"the token {error}") from None
