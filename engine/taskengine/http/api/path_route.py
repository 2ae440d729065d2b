"""A route whose parameters may hold whatever can be encoded, slashes too."""

import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

_PARAMETER = re.compile(r"\{(\w+)\}")
_PLAIN = "/:@!$&'()*+,;="


class PathRoute(Route):
    """Matches the path as it was sent, and decodes each part of it by itself.

    Starlette's own matches what is decoded already, where `a%2Fb` is two parts.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        methods: Sequence[str],
        name: str,
    ) -> None:
        super().__init__(path, endpoint, methods=methods, name=name)
        self.methods = set(methods)  # without HEAD, which would have to wait as long as GET
        parts = _PARAMETER.split(path)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = (f"(?P<{name}>[^/]+)" for name in parts[1::2])
        self._pattern = re.compile("".join(parts))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this route, and what its parameters are."""
        found = self._pattern.fullmatch(_sent_path(scope)) if scope["type"] == "http" else None
        if found is None:
            return Match.NONE, {}
        parameters = {name: unquote(text) for name, text in found.groupdict().items()}
        child = {
            "endpoint": self.endpoint,
            "path_params": {**scope.get("path_params", {}), **parameters},
        }
        is_possible = self.methods is None or scope["method"] in self.methods
        return (Match.FULL if is_possible else Match.PARTIAL), child


def _sent_path(scope: Scope) -> str:
    """The path below where the application is mounted, encoded as it was sent."""
    decoded, root = scope["path"], scope.get("root_path", "")
    below = decoded.removeprefix(root) if decoded.startswith(f"{root}/") else decoded
    raw = scope.get("raw_path")
    sent = raw.decode("ascii", "replace") if raw else ""
    if unquote(sent) != decoded:
        return quote(below, safe=_PLAIN)  # the server does not tell
    parts_above = root.count("/") if below != decoded else 0
    return "/" + "/".join(sent.split("/")[parts_above + 1 :])
