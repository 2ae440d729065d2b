"""How often a log looks for what is new: as often as someone is likely to see the difference."""

from collections.abc import Callable
from enum import Enum

from textual.timer import Timer
from textual.widget import Widget

_FOCUSED_HERTZ = 30
_UNFOCUSED_HERTZ = 10
_QUIET_HERTZ = 2


class Liveliness(Enum):
    """What can be expected of an output."""

    GROWING = "growing"
    # The run is over, but threads that it has left behind may still write.
    ENDED = "ended"
    COMPLETE = "complete"


class Pulse:
    """Calls a widget back at a pace that suits it. What is complete is left alone once it is read.

    `is_read` says whether all that is there has been taken in. `adjust` is to be called when the
    widget is shown, hidden, focused or blurred, and when there is something else to read.
    """

    def __init__(
        self, widget: Widget, beat: Callable[[], None], is_read: Callable[[], bool]
    ) -> None:
        self.liveliness = Liveliness.COMPLETE
        self._widget = widget
        self._beat = beat
        self._is_read = is_read
        self._timer: Timer | None = None
        self._hertz = 0

    def adjust(self) -> None:
        """Beat from now on as it suits the widget and its output."""
        hertz = self._wanted_hertz() if self._widget.is_running else 0
        if hertz == self._hertz:
            return
        self._hertz = hertz
        if self._timer:
            self._timer.stop()
        self._timer = self._widget.set_interval(1 / hertz, self._on_beat) if hertz else None

    def _on_beat(self) -> None:
        self._beat()
        self.adjust()

    def _wanted_hertz(self) -> int:
        if not self._widget.display:
            return _QUIET_HERTZ
        if self.liveliness is Liveliness.GROWING or not self._is_read():
            return _FOCUSED_HERTZ if self._widget.has_focus else _UNFOCUSED_HERTZ
        return 0 if self.liveliness is Liveliness.COMPLETE else _QUIET_HERTZ
