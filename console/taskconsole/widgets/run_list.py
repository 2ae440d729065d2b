"""The latest runs of the chosen task; one of them can be picked to be watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from taskconsole import marks, phrases
from taskconsole.formatting import format_duration
from taskengine.run import Run


class RunList(OptionList):
    """One row per run, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]
    DEFAULT_CSS = """
    RunList {
        border: none;
        padding: 0 1;
        background: transparent;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background: transparent; }
    }
    """

    @dataclass
    class Picked(Message):
        """A run is to be watched."""

        run_id: int

    def show(self, runs: Sequence[Run], now: datetime, zone: tzinfo) -> None:
        """Show these runs; the cursor stays on its run if that is still there.

        Where they are those that are shown already, only rows that look different are drawn anew.
        """
        if [option.id for option in self.options] != [str(run.id) for run in runs]:
            self._list(runs, now, zone)
            return
        for place, run in enumerate(runs):
            row = _row(run, now, zone)
            if row != self.get_option_at_index(place).prompt:
                self.replace_option_prompt_at_index(place, row)

    def _list(self, runs: Sequence[Run], now: datetime, zone: tzinfo) -> None:
        index = self.highlighted
        chosen = None if index is None else self.get_option_at_index(index).id
        self.set_options(Option(_row(run, now, zone), id=str(run.id)) for run in runs)
        places = {str(run.id): place for place, run in enumerate(runs)}
        self.highlighted = places.get(chosen or "", 0) if runs else None

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Picked(int(event.option.id or 0)))


def _row(run: Run, now: datetime, zone: tzinfo) -> Content:
    mark = marks.of_run(run)
    took = format_duration(run.duration(now)) if run.started_at else ""
    return Content.assemble(
        (f"{mark.glyph} ", _STYLES[mark.tone]),
        f"#{run.id:<5} ",
        f"{phrases.past(run.queued_at, now, zone)} ",
        f"{took:>7} ",
        (f"{mark.meaning:<9}", _STYLES[mark.tone]),
        (f" {phrases.short_attempt(run, now):<3}  {run.trigger.value}", "$text-muted"),
    )


_STYLES = {
    "running": "bold $primary",
    "done": "$success",
    "failed": "bold $error",
    "warning": "$warning",
    "muted": "$text-muted",
}
