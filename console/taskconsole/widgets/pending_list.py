"""What a task has missed, and its runs that are put off; each can be acted upon."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar, TypeAlias

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets.option_list import Option

from taskconsole import phrases
from taskconsole.widgets.options import Options
from taskengine.run import DelayedRun, MissedFires, Payload

Pending: TypeAlias = MissedFires | DelayedRun


class PendingList(Options):
    """One row each, missed fires first; without a row it takes no room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", show=False, tooltip="Go to the next row"),
        Binding("k,up", "cursor_up", show=False, tooltip="Go to the previous row"),
        Binding("enter", "run_missed", "Run missed", tooltip="Run the last fire that was missed"),
        Binding("D", "drop", "Dismiss", tooltip="Dismiss missed fires, or call a delayed run off"),
    ]
    DEFAULT_CSS = """
    PendingList {
        display: none;
        height: auto;
        max-height: 6;
        border: none;
        padding: 0;
        background: transparent;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background: transparent; }
        &.-some { display: block; }
    }
    """

    @dataclass
    class RunRequested(Message):
        """The last of some missed fires is to be run after all."""

        missed: MissedFires

    @dataclass
    class DropRequested(Message):
        """Missed fires are to be dismissed, or a run that is put off called off."""

        pending: Pending

    def __init__(self) -> None:
        super().__init__()
        self._pending: Sequence[Pending] = ()

    def show(self, pending: Sequence[Pending], now: datetime, zone: tzinfo) -> None:
        """Show these; the cursor stays where it is, as far as there are rows."""
        rows = [_row(one, now, zone) for one in pending]
        self.set_class(bool(rows), "-some")
        if len(rows) == self.option_count and list(pending) == list(self._pending):
            for place, row in enumerate(rows):
                if row != self.get_option_at_index(place).prompt:
                    self.replace_option_prompt_at_index(place, row)
            return
        before = self.highlighted or 0
        self._pending = tuple(pending)
        self.set_options(Option(row) for row in rows)
        self.highlighted = min(before, len(rows) - 1) if rows else None

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action != "run_missed" or isinstance(self._chosen, MissedFires)

    @property
    def _chosen(self) -> Pending | None:
        place = self.highlighted
        return None if place is None or place >= len(self._pending) else self._pending[place]

    def on_option_list_option_highlighted(self) -> None:
        """What can be done may be something else now."""
        self.refresh_bindings()

    def action_run_missed(self) -> None:
        """Ask for a run of what was missed."""
        if isinstance(chosen := self._chosen, MissedFires):
            self.post_message(self.RunRequested(chosen))

    def action_drop(self) -> None:
        """Ask for the row to go."""
        if chosen := self._chosen:
            self.post_message(self.DropRequested(chosen))


def _row(pending: Pending, now: datetime, zone: tzinfo) -> Content:
    payload = _payload(pending.payload)
    if isinstance(pending, DelayedRun):
        when = phrases.to_come(pending.at, now, zone)
        return Content.assemble(("» ", "$primary"), f"runs once {when}", payload)
    many = f"{phrases.count(pending.count, 'fire')}, the last " if pending.count > 1 else ""
    last = phrases.past(pending.last, now, zone)
    cron = (f"  {pending.cron}", "$text-muted")
    return Content.assemble(("! ", "bold $warning"), f"missed {many}{last}", cron, payload)


def _payload(payload: Payload) -> tuple[str, str]:
    text = json.dumps(payload, ensure_ascii=False) if payload else ""
    return phrases.plain(f"  {text}"), "$text-muted"
