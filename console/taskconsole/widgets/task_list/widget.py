"""The table itself: a cursor over rows that are drawn only where they are seen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message

from taskconsole.actions import bindings
from taskconsole.keymap.lists import LIST
from taskconsole.widgets.cursor_view import CursorView, tone_classes
from taskconsole.widgets.task_list import columns, paint, rows
from taskconsole.widgets.task_list.entry import SortOrder, TaskEntry
from taskconsole.widgets.task_list.listing import Listing
from taskconsole.widgets.task_list.rows import Row, RowKind


class TaskList(CursorView, can_focus=True):
    """The project's tasks. Times are told as of the last `tick`."""

    BINDINGS = bindings(LIST)
    TONES = paint.TONES
    COMPONENT_CLASSES = tone_classes(TONES)
    DEFAULT_CSS = """
    TaskList {
        & > .row--name { color: $foreground; }
        & > .row--group { color: $secondary; text-style: bold; }
        & > .row--match { color: $accent; text-style: bold underline; }
        & > .row--soon { color: $accent; }
    }
    """

    @dataclass
    class Chosen(Message):
        """Another row is under the cursor."""

        row: Row

    @dataclass
    class Listed(Message):
        """Which tasks are listed has changed, or in what order: None is the best match first."""

        listed: int
        total: int
        order: SortOrder | None

    class ColumnsChanged(Message):
        """There is more or less room for columns."""

    def __init__(self) -> None:
        super().__init__()
        self.listing = Listing()
        self._columns = columns.Columns(columns.NAME_MINIMUM)
        self._fitted_to = 0  # cells
        self._moment = paint.Moment(datetime.now(UTC), UTC)
        self._is_out_of_order = False
        self._home: str | None = None  # the path of the row that the user has gone to
        self._painted: dict[int, tuple[str, str, str]] = {}

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
        for index in self.seen:
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
        shown = (self.listing.entry(self.listing.rows[index]) for index in self.seen)
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
        self._take_room()
        self.set_reactive(TaskList.cursor, 0 if to_first else self._place_after(before))
        if to_first and self.listing.rows:
            self._home = self.chosen.path
        self.keep_cursor_in_sight()
        self.refresh()
        listing = self.listing
        self.post_own(self.Listed(listing.listed, listing.total, listing.shown_order))
        if before is None or not self.chosen.stands_for_same(before):
            self.post_own(self.Chosen(self.chosen))

    def _place_after(self, before: Row | None) -> int:
        was_on_task = before is not None and before.kind is not RowKind.ENGINE_OUTPUT
        for path in (self._home, before.path if before and was_on_task else None):
            index = None if path is None else self.listing.index_of(path)
            if index is not None:
                return index
        return self._place_near_cursor() if was_on_task else self._first_task()

    def _first_task(self) -> int:
        """Where the cursor begins: on what can be run at once."""
        kinds = [row.kind for row in self.listing.rows]
        return kinds.index(RowKind.TASK) if RowKind.TASK in kinds else 0

    def _place_near_cursor(self) -> int:
        place = self.validate_cursor(self.cursor)
        is_task = self.listing.rows and self.listing.rows[place] is not rows.ENGINE_OUTPUT
        return place if is_task else max(place - 1, 0)

    @property
    def columns(self) -> columns.Columns:
        """What there is room for. The first picture is painted before a list is told its size."""
        if self._fitted_to != self.size.width:
            self._fit_columns()
        return self._columns

    def _fit_columns(self) -> None:
        named = (row for row in self.listing.rows if row.kind is not RowKind.ENGINE_OUTPUT)
        widths = (paint.indent_of(row) + _cells(row.label) for row in named)
        self._fitted_to = self.size.width
        fitting = columns.fit(self._fitted_to - paint.LEAD - 1, max(widths, default=0))
        if fitting != self._columns:
            self._columns = fitting
            self.post_own(self.ColumnsChanged())

    def _take_room(self) -> None:
        self._fit_columns()
        self.virtual_size = Size(self.size.width, len(self.listing.rows))

    def row_segments(self, row: int, tones: paint.Tones) -> Iterable[Segment]:
        """A task's row, a group's, or that of the engine's output."""
        listed = self.listing.rows[row]
        entry = self.listing.entry(listed)
        if entry is not None:
            self._painted[row] = paint.volatile(entry, self._moment)
            return paint.task_row(listed, entry, self.columns, self._moment, tones)
        if listed.kind is RowKind.ENGINE_OUTPUT:
            return paint.engine_row(tones)
        hidden, mark = self.listing.below(listed.path) if listed.folded else (0, None)
        return paint.group_row(listed, mark, hidden, tones)

    def _repaint_volatile(self) -> None:
        for index in self.seen:
            entry = self.listing.entry(self.listing.rows[index])
            if entry and paint.volatile(entry, self._moment) != self._painted.get(index):
                self.refresh_line(index)

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self._take_room()
        self.keep_cursor_in_sight()
        self.refresh()

    def watch_cursor(self, old: int, new: int) -> None:
        """Tell which row is chosen."""
        self._home = self.chosen.path
        super().watch_cursor(old, new)
        self.post_own(self.Chosen(self.chosen))

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self.listing.rows)

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
        row = self.row_at(event.y)
        if row is None:
            return
        self.cursor = row
        if paint.is_on_fold_sign(self.listing.rows[row], event.x):
            self.action_toggle_fold()


def _cells(label: str) -> int:
    return len(label) if label.isascii() else cell_len(label)
