"""Names and addresses of hosts, in the form in which two that are the same are equal."""

import ipaddress
import re
from functools import lru_cache

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?", re.ASCII)
_LONGEST_NAME = 253  # of characters: RFC 1035, 2.3.4


def plain_host(text: str) -> str:
    """A name or an address, which may stand in brackets, in its plain form: without them, without
    a last dot, in lower case. Raises ValueError for what is neither.
    """
    if text.startswith("[") and text.endswith("]"):
        return _plain_ipv6(text[1:-1])
    if ":" in text:
        return _plain_ipv6(text)
    name = text.lower()
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise _neither(text)
    return name.removesuffix(".")


@lru_cache(maxsize=64)  # asked for twice with each call, nearly always of the same
def is_loopback(host: str) -> bool:
    """Whether a host in its plain form is this machine as only this machine can reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_url(host: str) -> str:
    """An address as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _plain_ipv6(text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise _neither(text) from None


def _neither(text: str) -> ValueError:
    return ValueError(f"{text!r} is neither a host's name nor an address")
