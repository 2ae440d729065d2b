"""A listening socket on an address, and the words for why there can be none."""

import errno
import ipaddress
import socket
from collections.abc import Iterable

from taskengine.hosts import in_url, is_loopback, plain_host

LOCALHOST = "127.0.0.1"


class ServerRefused(ValueError):
    """A server may not listen as it was asked to, for anybody could have it run code."""


def address_of(host: str) -> str:
    """The address to listen on for a host as people write it. Raises ServerRefused."""
    if host == "localhost":
        return LOCALHOST
    try:
        return str(ipaddress.ip_address(plain_host(host)))
    except ValueError:
        raise ServerRefused(
            f"The server can't listen on {host!r}: give an address, such as 127.0.0.1 or ::1"
        ) from None


def check_access(address: str, names: Iterable[str], token: str | None) -> None:
    """Raises ServerRefused where strangers could call without a token: from elsewhere, or as a page
    that the user visits. Browsers say what page a call comes from to loopback's names alone, unless
    there is TLS (Fetch Metadata, 3), and pages may show a picture of any address.
    """
    if token is not None:
        return
    if strange := next((name for name in names if not is_loopback(name)), None):
        raise ServerRefused(
            f"The server can't be called by the name {strange} without a token, for any page that a"
            " browser shows could run tasks by it: set `token` in the [server] table of the config,"
            " or take the name out of allowed_hosts"
        )
    if not is_loopback(address):
        raise ServerRefused(
            f"The server can't listen on {address} without a token, for whoever reaches it could"
            " run tasks: set `token` in the [server] table of the config, or listen on 127.0.0.1"
        )


def bind_tcp(address: str, port: int) -> socket.socket:
    """A socket bound to an address, port 0 for one that is free. Raises OSError, in words."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio sends at once only over sockets that say they are TCP; else each answer waits for the
    # other side's delayed acknowledgement, which comes after 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise _in_words(error, address, port) from error
    bound.setblocking(False)
    return bound


def url_of(bound: socket.socket) -> str:
    """Where programs of this machine reach a socket."""
    address, port = bound.getsockname()[:2]
    if ipaddress.ip_address(address).is_unspecified:
        address = "::1" if ":" in address else LOCALHOST
    return f"http://{in_url(address)}:{port}"


def _in_words(error: OSError, address: str, port: int) -> OSError:
    place = f"{in_url(address)}:{port}"
    words = {
        errno.EADDRINUSE: "the port is in use by another program: choose another",
        errno.EACCES: "the system doesn't allow it: ports from 1024 on are free for all",
        errno.EADDRNOTAVAIL: "this machine has no such address",
        errno.EAFNOSUPPORT: "this machine has no addresses of that kind",
    }.get(error.errno or 0, error.strerror)
    return OSError(error.errno, f"The server can't listen on {place}: {words}")
