"""What the functions that answer have to work with."""

from dataclasses import dataclass

from taskengine.client.local import LocalHandle
from taskengine.engine import Engine
from taskengine.http.api.event_log import EventLog
from taskengine.http.api.state import States
from taskengine.http.closing import Closing


@dataclass(frozen=True, slots=True)
class ApiContext:
    """An engine, and the stream of its events. `closing` begins when its server goes away."""

    engine: Engine
    handle: LocalHandle
    closing: Closing
    log: EventLog
    states: States
