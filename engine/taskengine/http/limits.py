"""How much a server takes from a caller before it loses patience."""

import resource
from dataclasses import dataclass, field

_CONNECTIONS = 256
_SHARE_OF_FILES = 4  # of a process's open files, for one way in


def _connections() -> int:
    """What the process can afford: macOS allows 256 open files unless told otherwise."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _CONNECTIONS
    return max(1, min(_CONNECTIONS, files // _SHARE_OF_FILES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are in bytes, times in seconds.

    `connections` is for each way in, so that a crowd at one leaves the other free; the one that has
    been idle longest makes room for a new one. `head` is a request's line with all its headers.
    A request's head has `head_seconds` from the connection's beginning or its own first byte; its
    body `body_seconds`, or `drain_seconds` where it was answered before. A connection without a
    request is closed after `idle_seconds`, one whose caller takes nothing of an answer after
    `flush_seconds`.
    """

    connections: int = field(default_factory=_connections)
    head: int = 32_768
    headers: int = 100
    body: int = 1_000_000
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    drain_seconds: float = 5.0
    idle_seconds: float = 30.0
    flush_seconds: float = 60.0
