"""The line on top: whose project, the engine, what goes on, what is wrong, the time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from taskconsole import phrases
from taskconsole.engine_news import where
from taskconsole.formatting import format_count
from taskengine.client.views import EngineStatus
from taskengine.events import EngineState

_SIGNS = {
    EngineState.STARTING: ("◌", "$warning"),
    EngineState.LIVE: ("●", "$success"),
    EngineState.STOPPING: ("◍", "$warning"),
    EngineState.STOPPED: ("○", "$warning"),
    EngineState.DEAD: ("✗", "bold $error"),
    EngineState.UNREACHABLE: ("✗", "bold $error"),
}
_SILENT = frozenset({EngineState.DEAD, EngineState.UNREACHABLE})
WIDE = 100
_PADDING = 2
_ENGINE_CELLS = 22  # how the engine is, and the first of where it is or what it does not do
_GIVE_WAY = ("zone", "clock", "project")  # what is known anyway, in the order in which it goes


class ProblemCount(Static):
    """How many problems there are; a click asks to see them."""

    class Clicked(Message):
        """The user wants to see the problems."""

    def on_click(self, _event: events.Click) -> None:
        """Ask for them."""
        self.post_message(self.Clicked())


class HeaderBar(Horizontal):
    """Shows what it is told; each part is repainted only when it changes. Where room is short, what
    is known anyway gives way to the rest.
    """

    DEFAULT_CSS = """
    HeaderBar {
        height: 1;
        padding: 0 1;
        background: $panel;
        Static { width: auto; height: 1; }
        #brand { text-style: bold; color: $primary; padding-right: 2; }
        #project { text-style: bold; padding-right: 2; max-width: 30; }
        #project, #zone { text-wrap: nowrap; text-overflow: ellipsis; }
        #engine { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        #history { color: $warning; padding-left: 2; }
        #running { color: $primary; padding-left: 2; }
        #failed { color: $error; padding-left: 2; }
        ProblemCount { color: $error; text-style: bold; padding-left: 2; }
        ProblemCount:hover { text-style: bold underline; }
        #clock { padding-left: 2; }
        #zone { color: $text-muted; padding-left: 1; max-width: 24; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[EngineStatus, bool] | None = None
        self._clock: tuple[datetime, ZoneInfo] | None = None

    def compose(self) -> ComposeResult:
        """Put the parts in a row."""
        yield Static("taskconsole", id="brand")
        yield Static("", id="project", markup=False)
        yield Static("", id="engine")
        yield Static("", id="history")
        yield Static("", id="running")
        yield Static("", id="failed")
        yield ProblemCount("")
        yield Static("", id="clock")
        yield Static("", id="zone", markup=False)

    def show_status(self, status: EngineStatus, *, is_written: bool = True) -> None:
        """Tell whose engine it is and how it is, no better than it is; and where its history is
        not written just now.
        """
        self._shown = status, is_written
        self._put("#project", phrases.plain(status.project))
        self._put("#engine", engine_text(status))
        self._put("#history", "" if is_written else self._in_memory())
        self._make_room()

    def on_resize(self) -> None:
        """Tell it in as many words as there is room for now."""
        if self._shown:
            status, is_written = self._shown
            self.show_status(status, is_written=is_written)
        if self._clock:
            self.show_clock(*self._clock)

    @property
    def _width(self) -> int:
        """In cells; before the first layout, what it is going to be: it goes from edge to edge."""
        return self.size.width or self.app.size.width

    def _in_memory(self) -> str:
        return "◌ history in memory" if self._width >= WIDE else "◌ in memory"

    def show_counts(self, *, running: int, waiting: int, failed: int, problems: int) -> None:
        """Tell what goes on; a count of nothing takes no room."""
        self._put("#running", going_on(running, waiting))
        self._put("#failed", f"✗ {failed} failed" if failed else "")
        self._put("ProblemCount", f"▲ {phrases.count(problems, 'problem')}" if problems else "")
        self._make_room()

    def show_clock(self, now: datetime, zone: ZoneInfo) -> None:
        """Tell the time in the project's zone, and the zone: by its short name if room is short."""
        self._clock = now, zone
        local = now.astimezone(zone)
        is_wide = self._width >= WIDE
        self._put("#clock", f"{local:%H:%M:%S}")
        self._put("#zone", zone.key if is_wide else local.tzname() or zone.key)
        self._make_room()

    def _put(self, selector: str, text: str | Content) -> None:
        for part in self.query(selector).results(Static):  # none is there while it is taken away
            before = part.content
            if text != before:  # the clock's digits change each second: no reason for a new layout
                part.update(text, layout=len(str(text)) != len(str(before)))
            if part.id not in _GIVE_WAY:
                part.display = bool(text)

    def _make_room(self) -> None:
        """Show of what may give way as much as has room beside the rest."""
        room = self.size.width or self.app.size.width - _PADDING  # at first it has no size yet
        parts = [one for one in self.query(Static) if one.display or one.id in _GIVE_WAY]
        taken = sum(map(_cells, parts))
        for name in _GIVE_WAY:
            for part in self.query(f"#{name}").results(Static):
                part.display = bool(str(part.content)) and taken <= room
                taken -= 0 if part.display else _cells(part)


def _cells(part: Static) -> int:
    """The cells that a part asks for, at most those that it may have; without words it has none."""
    words = str(part.content)
    cells = cell_len(words) + part.styles.padding.width if words else 0
    most = _ENGINE_CELLS if part.id == "engine" else part.styles.max_width
    return cells if most is None else min(cells, int(most if isinstance(most, int) else most.value))


def engine_text(status: EngineStatus) -> Content:
    """The engine's state in words, on one line; with where it is, if that is elsewhere, or else
    where others reach it over the network.
    """
    sign, style = _SIGNS[status.state]
    reason = phrases.plain(f": {_reason(status)}".replace("\n", " ")) if status.reason else ""
    place = phrases.plain(where(status))
    is_at_work = status.state not in _SILENT
    looks_only = is_at_work and not status.scheduling
    is_called = is_at_work and status.scheduling and status.external_schedule
    return Content.assemble(
        (f"{sign} {status.state.value}{reason}", style),
        (f"  ⇄ {place}" if place else "", "$secondary"),
        (f"  ⇆ {status.url}" if status.url and not place else "", "$text-muted"),
        ("  ‖ not scheduling" if looks_only else "", "bold $warning"),
        ("  ⇠ fired by a platform's cron" if is_called else "", "$text-muted"),
    )


def _reason(status: EngineStatus) -> str:
    """Why it is so; of an engine that is not reached the last clause, without what is done about
    that: where it is stands beside.
    """
    is_away = status.state is EngineState.UNREACHABLE
    return status.reason.rpartition(": ")[2].partition(";")[0] if is_away else status.reason


def going_on(running: int, waiting: int) -> str:
    """`2 running`, `1 of 200 running`; `3 waiting` where all wait, for their turn or an attempt."""
    if not waiting:
        return f"{format_count(running)} running" if running else ""
    if not running:
        return f"{format_count(waiting)} waiting"
    return f"{format_count(running)} of {format_count(running + waiting)} running"
