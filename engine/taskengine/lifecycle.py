"""Whether the engine is at work, as one value that is told of whenever it changes."""

from taskengine.clock import Clock
from taskengine.events import EngineState, EngineStateChanged
from taskengine.hub import Hub

_ENDING = frozenset({EngineState.STOPPING, EngineState.STOPPED})


class Lifecycle:
    """The engine's state; `reason` says of what it died."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.state = EngineState.STOPPED
        self.reason = ""
        self._hub = hub
        self._clock = clock

    @property
    def in_words(self) -> str:
        """How the engine is, for those whom it refuses."""
        why = f": {self.reason}" if self.reason else ""
        return f"The engine is {self.state.value}{why}"

    def change(self, state: EngineState, reason: str = "") -> None:
        """Be in a new state. Only one that starts goes live, and one that stops dies no more."""
        if state is EngineState.LIVE and self.state is not EngineState.STARTING:
            return
        if state is EngineState.DEAD and self.state in _ENDING:
            return
        self.state, self.reason = state, reason
        self._hub.publish(EngineStateChanged(at=self._clock.now(), state=state, reason=reason))
