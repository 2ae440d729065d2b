"""What is seen between a signal to end and the end: what still has time, and how much."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from taskconsole.engine_news import is_attached
from taskconsole.formatting import format_duration
from taskconsole.run_files import RunFiles
from taskconsole.run_line import going_on, run_lines
from taskconsole.saving import being_saved, save_lines
from taskconsole.screens.sheet import sheet_css
from taskengine.client.handle import Handle
from taskengine.events import Event
from taskengine.run import Run


class DrainingScreen(ModalScreen[None]):
    """Shows the runs and the files that are waited for, `grace` at the most; `signal` is why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "app.leave", "Stop at once", tooltip="Stop at once, whatever goes on"),
    ]
    DEFAULT_CSS = sheet_css("DrainingScreen", "#runs, #saves { margin: 0 0 1 0; }")

    def __init__(self, handle: Handle, files: RunFiles, signal: str, grace: timedelta) -> None:
        super().__init__()
        self._handle = handle
        self._files = files
        self._signal = signal
        self._grace = grace

    def compose(self) -> ComposeResult:
        """What goes on, and what becomes of it."""
        with Vertical(classes="sheet -urgent"):
            yield Static(id="runs")
            yield Static(id="saves")
            yield Static(id="state", markup=False)

    def on_mount(self) -> None:
        """Show what goes on, and keep it true."""
        self._until = self._handle.now() + self._grace
        self._show()
        self.set_interval(1.0, self._show)

    def take_events(self, batch: Sequence[Event]) -> None:  # noqa: ARG002 - all is in the handle
        """Show what goes on since."""
        self._show()

    def _show(self) -> None:
        now, runs, saves = self._handle.now(), self._active_runs(), self._files.saves
        title = [going_on(runs)] if runs or not saves else []
        if saves:
            title.append(being_saved(saves))
        self.query_one(Vertical).border_title = f"{self._signal}: {', '.join(title)}"
        self._update("#runs", run_lines(runs, now))
        self._update("#saves", save_lines(saves))
        left = max(self._until - now, timedelta(0))
        rest = f"get {format_duration(left)} more to end" if left else "are being cancelled"
        words = f"They {rest}; X or a second signal stops them at once."
        self.query_one("#state", Static).update(words)

    def _active_runs(self) -> Sequence[Run]:
        """The runs that end with the console: not those of an engine elsewhere."""
        return () if is_attached(self._handle.status) else self._handle.active_runs()

    def _update(self, part: str, lines: Content) -> None:
        static = self.query_one(part, Static)
        static.update(lines)
        static.display = bool(lines)
