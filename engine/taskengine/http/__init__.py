"""The wire: an engine's server, with Nitro's own routes, and ours."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskengine.http.mounted import asgi
    from taskengine.http.server import Server, ServerRefused

__all__ = ["Server", "ServerRefused", "asgi"]


def __getattr__(name: str) -> Any:
    """What is exported, once it is asked for: each needs more than the other."""
    if name == "asgi":
        from taskengine.http.mounted import asgi

        return asgi
    if name in {"Server", "ServerRefused"}:
        from taskengine.http import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
