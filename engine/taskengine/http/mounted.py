"""An engine's HTTP interface as an application to mount in another."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.types import ASGIApp

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.events import EngineState, EngineStateChanged, Event
from taskengine.http.access import network_door
from taskengine.http.app import application
from taskengine.http.context import ServedEngine, is_near
from taskengine.http.guard import Guard
from taskengine.http.limits import Limits

_ENDING = frozenset({EngineState.STOPPING, EngineState.STOPPED})


def asgi(engine: Engine, *, token: str | None, allowed_hosts: Sequence[str]) -> ASGIApp:
    """An ASGI application that serves an engine, for a program that has a server already.

    It runs code for whoever calls it, so that nothing is left to a default. Callers must show
    `token`; None only where the program asks them who they are by itself. `allowed_hosts` are the
    names and addresses by which the program is called, besides those of loopback, without ports.

    The program starts and stops the engine. Raises ValueError for a token that is empty or that no
    header can hold, and for what is no host.
    """
    door = replace(network_door(token, allowed_hosts), sees_callers=False)
    served = ServedEngine(engine, LocalHandle(engine), is_near)
    engine.subscribe(lambda event: _end_with(served, event))
    return Guard(application(served, Limits()), lambda: door)


def _end_with(served: ServedEngine, event: Event) -> None:
    """Let streams end when the engine stops: the program's server may wait for them."""
    if isinstance(event, EngineStateChanged) and event.state in _ENDING:
        served.closing.begin()
        served.handle.close()
