"""Tells of runs that ended: of those that end within a moment of each other all at once."""

from collections.abc import Iterable

from textual.screen import Screen

from taskconsole.end_notices import of_ends
from taskconsole.notices import Tell
from taskengine.events import RunEnded

_MOMENT = 0.4  # seconds
_MOMENTS_AT_MOST = 5  # that the first one waits for while others keep coming


class EndedRuns:
    """Gathers what is to be told on behalf of a screen, until a moment passes without more."""

    def __init__(self, screen: Screen[None], tell: Tell) -> None:
        self._screen = screen
        self._tell = tell
        self._ends: list[RunEnded] = []
        self._known = 0
        self._moments = 0

    def add(self, ends: Iterable[RunEnded]) -> None:
        """Tell of some more, soon."""
        was_waiting = self.is_waiting
        self._ends += ends
        if self.is_waiting and not was_waiting:
            self._moments = 0
            self._wait()

    @property
    def is_waiting(self) -> bool:
        """Whether something is left to tell."""
        return bool(self._ends)

    def _wait(self) -> None:
        self._known = len(self._ends)
        self._screen.set_timer(_MOMENT, self._look)

    def _look(self) -> None:
        self._moments += 1
        if len(self._ends) > self._known and self._moments < _MOMENTS_AT_MOST:
            self._wait()
        else:
            ends, self._ends = self._ends, []
            self._tell(of_ends(ends))
