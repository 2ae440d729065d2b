"""What became of the latest fires of a task's schedules; the run that one began can be picked."""

from collections.abc import Mapping, Sequence
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
from taskconsole.widgets.options import Options
from taskengine.records import FireOutcome, PastFire, RunSummary

_SIGNS = {
    FireOutcome.FIRED: ("»", "$primary"),
    FireOutcome.SKIPPED: (marks.SKIPPED.glyph, "$text-muted"),
    FireOutcome.ELSEWHERE: ("»", "$text-muted"),
    FireOutcome.MISSED: ("!", "bold $warning"),
    FireOutcome.MADE_UP: ("!", "$success"),
    FireOutcome.DISMISSED: ("!", "$text-muted"),
}


class FireList(Options):
    """One row each, the latest first; without a row it takes no room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", show=False, tooltip="Go to the next fire"),
        Binding("k,up", "cursor_up", show=False, tooltip="Go to the previous fire"),
        Binding("enter", "select", "Show run", tooltip="Show the run that the fire began"),
    ]
    DEFAULT_CSS = """
    FireList {
        display: none;
        height: auto;
        max-height: 40%;
        border: none;
        border-top: solid $border-blurred;
        border-title-color: $text-muted;
        padding: 0;
        background: transparent;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        &:focus { border: none; border-top: solid $border; background: transparent; }
        &.-some { display: block; }
    }
    """

    @dataclass
    class Picked(Message):
        """The run that a fire began is to be shown."""

        run_id: int

    def __init__(self) -> None:
        super().__init__()
        self.border_title = " Recent fires "
        self._fires: tuple[PastFire, ...] = ()

    def show(
        self,
        fires: Sequence[PastFire],
        runs: Mapping[int, RunSummary],
        now: datetime,
        zone: tzinfo,
    ) -> None:
        """Show these fires, and how those of their runs stand that are known; the cursor stays on
        its fire if that is still there.
        """
        rows = [_row(fire, runs.get(fire.run_id or 0), now, zone) for fire in fires]
        self.set_class(bool(rows), "-some")
        if [_identity(fire) for fire in fires] != [_identity(fire) for fire in self._fires]:
            self._list(fires, rows)
            return
        self._fires = tuple(fires)
        for place, row in enumerate(rows):
            if row != self.get_option_at_index(place).prompt:
                self.replace_option_prompt_at_index(place, row)

    def _list(self, fires: Sequence[PastFire], rows: Sequence[Content]) -> None:
        chosen = self._chosen
        is_at_top = not self.highlighted
        self._fires = tuple(fires)
        self.set_options(Option(row) for row in rows)
        places = {_identity(fire): place for place, fire in enumerate(fires)}
        kept = places.get(_identity(chosen), 0) if chosen and not is_at_top else 0
        self.highlighted = kept if fires else None

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action != "select" or bool(self._chosen and self._chosen.run_id)

    @property
    def _chosen(self) -> PastFire | None:
        place = self.highlighted
        return None if place is None or place >= len(self._fires) else self._fires[place]

    def on_option_list_option_highlighted(self) -> None:
        """What can be done may be something else now."""
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (chosen := self._chosen) and chosen.run_id:
            self.post_message(self.Picked(chosen.run_id))


def _identity(fire: PastFire) -> tuple[datetime, datetime, int | None]:
    return fire.at, fire.last, fire.run_id


def _row(fire: PastFire, run: RunSummary | None, now: datetime, zone: tzinfo) -> Content:
    sign = _SIGNS[fire.outcome]
    if fire.outcome is FireOutcome.FIRED and run:
        sign = (marks.of_state(run.state).glyph, marks.style_of(run.state))
    when = phrases.past(fire.at, now, zone)
    if fire.count > 1:
        when = f"{when} to {phrases.past(fire.last, now, zone)}"
    return Content.assemble(
        (f"{sign[0]} ", sign[1]), f"{when}  ", (_words(fire, run, now), "$text-muted")
    )


def _words(fire: PastFire, run: RunSummary | None, now: datetime) -> str:
    number = f"#{fire.run_id}" if fire.run_id else ""
    many = f"{phrases.count(fire.count, 'fire')} " if fire.count > 1 else ""
    match fire.outcome:
        case FireOutcome.FIRED:
            return _fired(number, run, now)
        case FireOutcome.SKIPPED:
            return f"skipped {number}".rstrip()
        case FireOutcome.ELSEWHERE:
            return f"claimed by process {fire.pid}" if fire.pid else fire.outcome.value
        case FireOutcome.MADE_UP:
            return f"{many}missed, made up for {f'by {number}' if number else ''}".rstrip()
        case FireOutcome.DISMISSED:
            return f"{many}missed, dismissed"
        case FireOutcome.MISSED:
            return f"{many}missed"


def _fired(number: str, run: RunSummary | None, now: datetime) -> str:
    if run is None:
        return f"fired {number}" if number else "fired, no run"
    words = [number, marks.of_state(run.state).meaning]
    if run.started_at:
        words.append(format_duration(run.duration(now)))
    late = "" if run.lateness is None else f"  {format_duration(run.lateness)} late"
    return " ".join(words) + late
