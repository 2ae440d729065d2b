"""What the functions that answer have to work with."""

from dataclasses import dataclass

from starlette.requests import Request

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.state import States
from taskengine.http.closing import Closing
from taskengine.http.context import shut_of


@dataclass(frozen=True, slots=True)
class ApiContext:
    """An engine, and the stream of its events. `closing` begins when its server goes away."""

    engine: Engine
    handle: LocalHandle
    closing: Closing
    log: EventLog
    states: States

    def closings_for(self, request: Request) -> tuple[Closing, Closing]:
        """What ends an answer that takes long: its server goes away, or the door is shut by which
        its caller came.
        """
        return self.closing, shut_of(request)
