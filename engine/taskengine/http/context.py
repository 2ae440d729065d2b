"""What the routes of a server have to work with."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine


@dataclass(frozen=True, slots=True)
class ServedEngine:
    """An engine that is served. `handle` is the same engine as screens see it; `is_near` says
    whether a caller is on this machine for sure, and may be told what only its users should know.
    """

    engine: Engine
    handle: LocalHandle
    is_near: Callable[[Request], bool]
