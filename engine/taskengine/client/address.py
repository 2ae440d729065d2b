"""Where an engine is reached: the path of a unix socket, or a URL, made of what people type."""

import re
from pathlib import Path
from typing import TypeAlias

Address: TypeAlias = Path | str
"""The path of a unix socket, or a URL with `http` or `https`, without a slash at its end."""

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_PORT = re.compile(r":?(?P<port>\d+)")
_HOST_AND_PORT = re.compile(r"(?P<host>[^\s/:@?#\[\]]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d+))?")
_HIGHEST_PORT = 65_535
_EXAMPLES = "such as /run/user/1000/app.sock, http://localhost:3000, localhost:3000 or :3000"


def parse_address(text: str) -> Address:
    """The address that a text means: the path of a socket, also with `unix:` before it, a URL,
    `host:port`, `:port` or a port of this machine. Raises ValueError, in words.
    """
    text = text.strip()
    if not text:
        raise ValueError(f"an address is missing: give a socket or a URL, {_EXAMPLES}")
    if text.lower().startswith("unix:"):
        return _socket(text[len("unix:") :], text)
    if found := _SCHEME.match(text):
        return _url(found["scheme"].lower(), text[found.end() :], text)
    if found := _PORT.fullmatch(text):
        return f"http://localhost:{_port(found['port'], text)}"
    found = _HOST_AND_PORT.fullmatch(text)
    if found and found["port"]:
        return f"http://{found['host']}:{_port(found['port'], text)}"
    if "/" in text or text.endswith(".sock"):
        return _socket(text, text)
    raise ValueError(f"{text!r} is no address: give a socket or a URL, {_EXAMPLES}")


def _socket(path: str, text: str) -> Path:
    if path.startswith("//"):  # unix:///run/app.sock
        path = "/" + path.lstrip("/")
    if not path or "\0" in path:
        raise ValueError(f"{text!r} names no socket: write unix:/run/user/1000/app.sock")
    return Path(path).expanduser()


def _url(scheme: str, rest: str, text: str) -> str:
    if scheme not in {"http", "https"}:
        raise ValueError(
            f"{text!r} begins with {scheme}://, but only http:// and https:// are known"
        )
    host, slash, path = rest.partition("/")
    if "@" in host:
        raise ValueError("an address holds no name and no password; a token is given apart")
    if "?" in rest or "#" in rest:
        raise ValueError(f"{text!r} has more than a host and a path: leave out what follows ? or #")
    found = _HOST_AND_PORT.fullmatch(host)
    if found is None:
        raise ValueError(f"{text!r} names no host: write {scheme}://localhost:3000")
    port = f":{_port(found['port'], text)}" if found["port"] else ""
    return f"{scheme}://{found['host']}{port}{slash}{path}".rstrip("/")


def _port(digits: str, text: str) -> int:
    if len(digits) > 5 or not 0 < int(digits) <= _HIGHEST_PORT:
        raise ValueError(
            f"{text!r} names port {digits[:10]}, but ports go from 1 to {_HIGHEST_PORT}"
        )
    return int(digits)
