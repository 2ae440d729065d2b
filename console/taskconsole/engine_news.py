"""What the user is told of an engine elsewhere: that it does not answer, and that it does again."""

from collections.abc import Iterable, Sequence

from taskconsole.notices import Notice
from taskengine.client.views import EngineStatus
from taskengine.events import EngineState, EngineStateChanged, Event

_ENDED = frozenset({EngineState.STOPPING, EngineState.STOPPED})


def is_live(event: Event) -> bool:
    """Whether the engine went live, or is reached again."""
    return isinstance(event, EngineStateChanged) and event.state is EngineState.LIVE


def is_attached(status: EngineStatus) -> bool:
    """Whether the engine is elsewhere: to leave it does not end it."""
    return bool(status.address)


def where(status: EngineStatus) -> str:
    """Where the engine is, in a few words; empty for that of this console."""
    if not status.address:
        return ""
    is_url = "://" in status.address
    if status.pid is None:  # which no engine of taskconsole's fails to tell
        return f"Nitro {status.address}" if is_url else status.address
    return status.address if is_url else f"pid {status.pid}"


class Connection:
    """How an engine elsewhere was when the user was told of it last."""

    def __init__(self, start_key: str = "") -> None:
        """`start_key` starts an engine here while the other one is away; empty: there is none."""
        self._start_key = start_key
        self._is_away = False
        self._is_ending = False

    def news(self, events: Sequence[Event], status: EngineStatus) -> Iterable[Notice]:
        """What is new since some events: each state once, however often it is told."""
        if not is_attached(status):
            return
        for event in events:
            if isinstance(event, EngineStateChanged):
                yield from self._of(event.state, status)

    def _of(self, state: EngineState, status: EngineStatus) -> Iterable[Notice]:
        if state in _ENDED:
            self._is_ending = True
        elif state is EngineState.UNREACHABLE and not self._is_away:
            self._is_away = True
            yield self._of_loss(status)
        elif state is EngineState.LIVE and (self._is_away or self._is_ending):
            self._is_away = self._is_ending = False
            yield Notice(f"{where(status)} answers again", "The engine is back")

    def _of_loss(self, status: EngineStatus) -> Notice:
        if self._is_ending:
            title, words = "The engine has ended", "It is looked for, in case it comes back."
            how_to_go_on = f"{self._start_key} starts an engine here."
        else:
            title, words = "The engine does not answer", status.reason
            how_to_go_on = f"If it has ended: {self._start_key} starts an engine here."
        return Notice(f"{words}\n{how_to_go_on}" if self._start_key else words, title, "error")
