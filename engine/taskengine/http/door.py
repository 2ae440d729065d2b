"""The ways into a served engine, and who may pass: by its socket, or over the network.

A web page that the user visits can make their browser call any address of this machine. What gives
such a call away is its `Host` where a foreign name was bent to this machine (DNS rebinding), its
`Origin`, and its `Sec-Fetch-Site`: any two of them leave a hole, so that all three are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from taskengine.hosts import is_loopback
from taskengine.http.authority import Authority
from taskengine.http.closing import Closing
from taskengine.http.headers import Headers
from taskengine.http.turned_away import TurnedAway

_OWN_SITES = frozenset({"same-origin", "none"})
_FORWARDING = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Door(Protocol):
    """A way in. `token` is what callers must show there; None: nothing. When it is `shut`, streams
    and waits end for those who came by it.
    """

    @property
    def token(self) -> str | None:
        """What callers must show."""

    @property
    def shut(self) -> Closing:
        """Begins when nobody can come by it any more."""

    def check(self, headers: Headers) -> None:
        """Let a request pass that no web page can have caused. Raises TurnedAway."""

    def is_near(self, scope: Mapping[str, Any], headers: Headers) -> bool:
        """Whether a caller is on this machine for sure."""


@dataclass(frozen=True, slots=True)
class SocketDoor:
    """The unix socket. Only its user can open it; a browser can't, so that a browser's headers
    mean that something passes its calls on.
    """

    token: None = None
    shut: Closing = field(default_factory=Closing, compare=False)

    def check(self, headers: Headers) -> None:
        """Let a request pass unless it is a browser's. Raises TurnedAway."""
        for name in ("origin", "sec-fetch-site"):
            if headers.one(name) is not None:
                raise TurnedAway(403, f"The socket takes no calls of web pages ({name} was sent)")

    def is_near(self, scope: Mapping[str, Any], headers: Headers) -> bool:  # noqa: ARG002 - it is
        """Whoever can open the socket is here."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDoor:
    """An address. It may be called by loopback's names and by `hosts`, in their plain form.

    Behind another's server (`sees_callers` False) nobody is known to be near.
    """

    token: str | None
    hosts: frozenset[str] = field(default_factory=frozenset)
    sees_callers: bool = True
    shut: Closing = field(default_factory=Closing, compare=False)

    def check(self, headers: Headers) -> None:
        """Let a request pass that this server is meant by. Raises TurnedAway."""
        host = self._host(headers)
        origin = headers.one("origin")
        if origin is not None and not host.is_origin(origin):
            raise TurnedAway(403, f"Calls of web pages from {origin} are refused")
        site = headers.one("sec-fetch-site")
        if site is not None and site not in _OWN_SITES:
            raise TurnedAway(403, f"Calls of web pages from elsewhere are refused ({site})")

    def is_near(self, scope: Mapping[str, Any], headers: Headers) -> bool:
        """Whether a caller comes from loopback, and not through a proxy that is there."""
        client = scope.get("client")
        return (
            self.sees_callers
            and client is not None
            and is_loopback(client[0])
            and not any(headers.has(name) for name in _FORWARDING)
        )

    def _host(self, headers: Headers) -> Authority:
        text = headers.one("host")
        if text is None:
            raise TurnedAway(400, "The request has no Host header")
        try:
            host = Authority.parse(text)
        except ValueError as error:
            raise TurnedAway(400, f"The Host header can't be understood: {error}") from None
        if not is_loopback(host.host) and host.host not in self.hosts:
            hint = "add it to allowed_hosts if it is this server's"
            raise TurnedAway(403, f"Calls by the name {host.host} are refused; {hint}")
        return host


@dataclass(frozen=True, slots=True)
class ClosedDoor:
    """An address that is about to be left."""

    token: None = None
    shut: Closing = field(default_factory=Closing, compare=False)

    def check(self, headers: Headers) -> None:  # noqa: ARG002 - it is the same for everybody
        """Let nobody pass. Raises TurnedAway."""
        raise TurnedAway(503, "The server leaves this address")

    def is_near(self, scope: Mapping[str, Any], headers: Headers) -> bool:  # noqa: ARG002 - so here
        """Nobody is."""
        return False
