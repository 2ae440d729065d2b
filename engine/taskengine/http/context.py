"""What the routes of a server have to work with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.http.closing import Closing

NEAR = "taskengine.near"
SHUT = "taskengine.shut"


@dataclass(frozen=True, slots=True)
class ServedEngine:
    """An engine that is served. `handle` is the same engine as screens see it; `is_near` says
    whether a caller is on this machine for sure, and may be told what only its users should know.
    Whoever stops the server begins the `closing`, and what answers for long then ends at once.
    """

    engine: Engine
    handle: LocalHandle
    is_near: Callable[[Request], bool]
    closing: Closing = field(default_factory=Closing)


def is_near(request: Request) -> bool:
    """Whether the guard has seen that a caller is on this machine."""
    return request.scope.get(NEAR) is True


def shut_of(request: Request) -> Closing:
    """What begins when the door is shut by which a caller came: its token is another one since."""
    shut: Closing | None = request.scope.get(SHUT)
    return shut or Closing()  # where there is no guard, there is no door
