"""What a caller takes a server for, by its `Host` and `Origin` headers."""

import re
from dataclasses import dataclass
from functools import lru_cache

from taskengine.hosts import plain_host

_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:@/?#\\\s]+)(?::([0-9]{1,5}))?", re.ASCII)
_ORIGIN = re.compile(r"(https?)://(.+)", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Authority:
    """A host in its plainest form, without brackets or a last dot, in lower case; and its port,
    None where it is the scheme's own.
    """

    host: str
    port: int | None = None

    @classmethod
    @lru_cache(maxsize=64)  # nearly all callers say the same
    def parse(cls, text: str) -> "Authority":
        """What a `Host` header says. Raises ValueError for what can't stand there."""
        found = _AUTHORITY.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no host")
        host, port = plain_host(found[1]), found[2]
        if port is not None and not 0 < int(port) < 65_536:
            raise ValueError(f"{port} is no port")
        return cls(host, int(port) if port else None)

    def is_origin(self, text: str) -> bool:
        """Whether an `Origin` header names the server that was called by this `Host`."""
        found = _ORIGIN.fullmatch(text)
        if found is None:
            return False
        try:
            other = Authority.parse(found[2])
        except ValueError:
            return False
        default = _DEFAULT_PORTS[found[1]]
        return (other.host, other.port or default) == (self.host, self.port or default)
