"""The table itself: a cursor over rows that are drawn only where they are seen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from taskconsole.actions import bindings
from taskconsole.keymap import LIST
from taskconsole.widgets.cursor_view import CursorView
from taskconsole.widgets.task_list import columns, paint, rows
from taskconsole.widgets.task_list.entry import SortOrder, TaskEntry
from taskconsole.widgets.task_list.listing import Listing
from taskconsole.widgets.task_list.rows import Row, RowKind


class TaskList(CursorView, can_focus=True):
    """The project's tasks. Times are told as of the last `tick`."""

    BINDINGS = bindings(LIST)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "task-list--cursor",
        *(f"task-list--{tone}" for tone in paint.TONES),
    }
    DEFAULT_CSS = """
    TaskList {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .task-list--cursor { background: $block-cursor-blurred-background; }
        &:focus > .task-list--cursor { background: $block-cursor-background; }
        & > .task-list--text { color: $foreground; }
        & > .task-list--muted { color: $text-muted; }
        & > .task-list--name { color: $foreground; }
        & > .task-list--group { color: $secondary; text-style: bold; }
        & > .task-list--match { color: $accent; text-style: bold underline; }
        & > .task-list--running { color: $primary; text-style: bold; }
        & > .task-list--done { color: $success; }
        & > .task-list--failed { color: $error; text-style: bold; }
        & > .task-list--warning { color: $warning; }
        & > .task-list--soon { color: $accent; }
    }
    """

    @dataclass
    class Chosen(Message):
        """Another row is under the cursor."""

        row: Row

    @dataclass
    class Listed(Message):
        """Which tasks are listed has changed, or in what order."""

        listed: int
        total: int
        order: SortOrder

    class ColumnsChanged(Message):
        """There is more or less room for columns."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing()
        self.columns = columns.Columns(columns.NAME_MINIMUM)
        self._moment = paint.Moment(datetime.now(UTC), UTC)
        self._is_out_of_order = False
        self._home: str | None = None  # the path of the row that the user has gone to
        self._painted: dict[int, tuple[str, str, str]] = {}
        self._tones: dict[str, Style] = {}

    def show_tasks(self, entries: Iterable[TaskEntry], now: datetime, zone: tzinfo) -> None:
        """Show these tasks and no others.

        The cursor stays on its task; where that is not listed any more, it comes back with it
        unless the user has gone elsewhere meanwhile.
        """
        self._moment = replace(self._moment, now=now, zone=zone)
        self.listing.hold(entries)
        self._rebuild()

    def update_entries(self, entries: Iterable[TaskEntry]) -> None:
        """Show how some of the tasks stand now."""
        changed = self.listing.update(entries)
        self._is_out_of_order = self.listing.moves_with_status
        for index in self._visible():
            row = self.listing.rows[index]
            if row.path in changed or row.folded:
                self.refresh_line(index)

    def begin_with(self, *, order: SortOrder, query: str, folded: Iterable[str], home: str) -> None:
        """List the tasks in this way, the cursor on `home`, as soon as there are any."""
        self.listing.order = order
        self.listing.query = query.strip()
        self.listing.folded = set(folded)
        self._home = home or None

    def tick(self, now: datetime) -> None:
        """Time has gone on: draw again what is on the screen and looks different.

        Tasks that a change of their status moves to other places move now, all at once.
        """
        self._moment = replace(self._moment, now=now)
        if self._is_out_of_order:
            self._rebuild()
        self._repaint_volatile()

    def set_conditions(self, zone: tzinfo, *, scheduling: bool | None) -> None:
        """Tell times in a zone; where nothing is scheduled, or nobody knows (None), no fire is
        counted down to.
        """
        moment = replace(self._moment, zone=zone, scheduling=scheduling)
        if moment != self._moment:
            self._moment = moment
            self._repaint_volatile()

    def spin(self) -> None:
        """Turn the signs of running tasks a step."""
        self._moment = replace(self._moment, frame=self._moment.frame + 1)
        self._repaint_volatile()

    def overdue(self) -> list[str]:
        """The tasks on the screen whose next fire has passed, so that another one comes next."""
        shown = (self.listing.entry(self.listing.rows[index]) for index in self._visible())
        now = self._moment.now
        fires = ((entry.name, entry.next_fire) for entry in shown if entry)
        return [name for name, fire in fires if fire and fire <= now]

    def filter_by(self, query: str) -> None:
        """List only the tasks that match, best first; an empty query lists all of them."""
        self.listing.query = query.strip()
        self._rebuild(to_first=bool(self.listing.query))

    def sort_by(self, order: SortOrder) -> None:
        """Change the order of the rows."""
        self.listing.order = order
        self._rebuild()

    @property
    def chosen(self) -> Row:
        """The row under the cursor; `NOTHING` where no row is listed."""
        return self.listing.rows[self.cursor] if self.listing.rows else rows.NOTHING

    def choose(self, name: str) -> None:
        """Put the cursor on a task that is listed, unfolding what hides it."""
        if self.listing.unfold_around(name):
            self._rebuild()
        index = self.listing.index_of(name)
        if index is not None:
            self.cursor = index

    def _rebuild(self, *, to_first: bool = False) -> None:
        before = self.chosen if self.listing.rows else None
        self.listing.rebuild()
        self._is_out_of_order = False
        self._painted.clear()
        self._fit_columns()
        self.set_reactive(TaskList.cursor, 0 if to_first else self._place_after(before))
        if to_first and self.listing.rows:
            self._home = self.chosen.path
        self.keep_cursor_in_sight()
        self.refresh()
        listing = self.listing
        self._post(self.Listed(listing.listed, listing.total, listing.order))
        if before is None or not self.chosen.stands_for_same(before):
            self._post(self.Chosen(self.chosen))

    def _post(self, message: Message) -> None:
        """Textual keeps a message that a parent has caused from going beyond that parent; these
        are the list's own, whoever has changed it.
        """
        self.post_message(message.set_sender(self))

    def _place_after(self, before: Row | None) -> int:
        was_on_task = before is not None and before.kind is not RowKind.ENGINE_OUTPUT
        for path in (self._home, before.path if before and was_on_task else None):
            index = None if path is None else self.listing.index_of(path)
            if index is not None:
                return index
        return self._place_near_cursor() if was_on_task else 0

    def _place_near_cursor(self) -> int:
        place = self.validate_cursor(self.cursor)
        is_task = self.listing.rows and self.listing.rows[place] is not rows.ENGINE_OUTPUT
        return place if is_task else max(place - 1, 0)

    def _visible(self) -> range:
        top = round(self.scroll_offset.y)
        return range(top, min(top + self.size.height, len(self.listing.rows)))

    def _fit_columns(self) -> None:
        named = (row for row in self.listing.rows if row.kind is not RowKind.ENGINE_OUTPUT)
        widths = (paint.indent_of(row) + _cells(row.label) for row in named)
        fitting = columns.fit(self.size.width - paint.LEAD - 1, max(widths, default=0))
        if fitting != self.columns:
            self.columns = fitting
            self._post(self.ColumnsChanged())
        self.virtual_size = Size(self.size.width, len(self.listing.rows))

    def render_line(self, y: int) -> Strip:
        """One line of the screen, from the model."""
        index = y + round(self.scroll_offset.y)
        if index >= len(self.listing.rows):
            return Strip.blank(self.size.width, self.rich_style)
        base, bar = self.rich_style, Segment(" ")
        if index == self.cursor:
            base += self.get_component_rich_style("task-list--cursor", partial=True)
            bar = Segment("▌" if self.has_focus else "▏", self._tone_styles()["running"])
        strip = Strip([bar, *self._segments(index)])
        return strip.adjust_cell_length(self.size.width).apply_style(base)

    def _segments(self, index: int) -> Iterable[Segment]:
        row, tones = self.listing.rows[index], self._tone_styles()
        entry = self.listing.entry(row)
        if entry is not None:
            self._painted[index] = paint.volatile(entry, self._moment)
            return paint.task_row(row, entry, self.columns, self._moment, tones)
        if row.kind is RowKind.ENGINE_OUTPUT:
            return paint.engine_row(tones)
        hidden, mark = self.listing.below(row.path) if row.folded else (0, None)
        return paint.group_row(row, mark, hidden, tones)

    def _tone_styles(self) -> dict[str, Style]:
        if not self._tones:
            self._tones = {
                tone: self.get_component_rich_style(f"task-list--{tone}", partial=True)
                for tone in paint.TONES
            }
        return self._tones

    def notify_style_update(self) -> None:
        """Forget styles that the theme may have changed."""
        super().notify_style_update()
        self._tones = {}

    def _repaint_volatile(self) -> None:
        for index in self._visible():
            entry = self.listing.entry(self.listing.rows[index])
            if entry and paint.volatile(entry, self._moment) != self._painted.get(index):
                self.refresh_line(index)

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self._fit_columns()
        self.keep_cursor_in_sight()
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw both rows and tell which one is chosen."""
        self._home = self.chosen.path
        self.refresh_line(old)
        self.refresh_line(new)
        self.keep_cursor_in_sight()
        self._post(self.Chosen(self.chosen))

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.listing.rows)

    def action_move_to_end(self, end: str) -> None:
        """Move the cursor to the `first` or `last` row."""
        self.cursor = len(self.listing.rows) - 1 if end == "last" else 0

    def action_toggle_fold(self) -> None:
        """Fold an open group, unfold a folded one."""
        if self.chosen.foldable:
            self._fold(self.chosen.path, folded=not self.chosen.folded)

    def action_fold(self) -> None:
        """Fold the group under the cursor; anywhere else go to the group around it."""
        row = self.chosen
        if row.foldable and not row.folded:
            self._fold(row.path, folded=True)
        elif (index := self.listing.index_of(rows.parent(row.path) or row.path)) is not None:
            self.cursor = index

    def action_unfold(self) -> None:
        """Unfold the group under the cursor, or go into one that is open."""
        row = self.chosen
        if row.folded:
            self._fold(row.path, folded=False)
        elif row.foldable:
            self.cursor += 1

    def _fold(self, path: str, *, folded: bool) -> None:
        self.listing.set_folded(path, folded=folded)
        self._rebuild()

    def on_click(self, event: events.Click) -> None:
        """Choose the row; on its fold sign, fold or unfold."""
        index = event.y + round(self.scroll_offset.y)
        if index >= len(self.listing.rows):
            return
        self.cursor = index
        if paint.is_on_fold_sign(self.listing.rows[index], event.x):
            self.action_toggle_fold()

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh_line(self.cursor)

    def on_blur(self) -> None:
        """The cursor looks different without the focus."""
        self.refresh_line(self.cursor)


def _cells(label: str) -> int:
    return len(label) if label.isascii() else cell_len(label)
