"""Whether the engine is at work, as one value that is told of whenever it changes."""

from taskengine.clock import Clock
from taskengine.events import EngineState, EngineStateChanged
from taskengine.hub import Hub


class Lifecycle:
    """The engine's state; `reason` says of what it died."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.state = EngineState.STOPPED
        self.reason = ""
        self._hub = hub
        self._clock = clock

    def change(self, state: EngineState, reason: str = "") -> None:
        """Be in a new state. A dead engine can only be stopped."""
        if self.state is EngineState.DEAD and state is EngineState.LIVE:
            return
        self.state, self.reason = state, reason
        self._hub.publish(EngineStateChanged(at=self._clock.now(), state=state, reason=reason))
