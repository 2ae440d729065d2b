"""The table itself: a cursor over rows that are drawn only where they are seen."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message

from taskconsole.actions import bindings
from taskconsole.keymap.lists import RUN_TABLE
from taskconsole.widgets.cursor_view import CursorView, tone_classes
from taskconsole.widgets.run_table import columns, paint
from taskconsole.widgets.run_table.pages import Pages
from taskengine.records import RunSummary

_MARKED_AT_ONCE = 2


class RunTable(CursorView, can_focus=True):
    """Runs, newest first, as far as they are held; who fills the pages is told what is seen.

    The cursor stays on its run, and the rows on the screen where they are, whatever comes above
    them; on the first row it goes along with the newest run. `of_one_task` leaves out the name.
    """

    BINDINGS = bindings(RUN_TABLE)
    TONES = paint.TONES
    COMPONENT_CLASSES = tone_classes(TONES)
    DEFAULT_CSS = """
    RunTable {
        & > .row--name { color: $foreground; text-style: bold; }
        & > .row--error { color: $error; }
        & > .row--marked { color: $accent; text-style: bold; }
    }
    """

    @dataclass
    class Chosen(Message):
        """Another row is under the cursor, or what is known of its run has changed."""

        run: RunSummary | None

    @dataclass
    class Picked(Message):
        """A run is to be watched."""

        run_id: int

    @dataclass
    class Seen(Message):
        """Other rows are on the screen; `is_end_wanted` if the user wants to go to the last one."""

        table: "RunTable"
        is_end_wanted: bool = False

    class Marked(Message):
        """Other runs are marked."""

    class ColumnsChanged(Message):
        """There is more or less room for columns."""

    def __init__(self, *, of_one_task: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.pages = Pages()
        self.columns = columns.Columns()
        self.marked: deque[int] = deque(maxlen=_MARKED_AT_ONCE)
        self._of_one_task = of_one_task
        self._needs = columns.Needs()
        self._moment = paint.Moment(datetime.now(UTC), UTC)
        self._cursor_id: int | None = None
        self._top_id: int | None = None

    # What is shown

    def begin(self) -> None:
        """Show nothing yet, to be filled from the newest run on."""
        self.pages, self._needs = Pages(), columns.Needs()
        self._cursor_id = self._top_id = None
        self.set_reactive(RunTable.cursor, 0)
        self.rows_changed()
        self.scroll_to(y=0, animate=False, immediate=True)

    def rows_changed(self) -> None:
        """The pages hold other rows: show them, and keep the place."""
        top = round(self.scroll_offset.y)
        new_top = self._found(self._top_id, top) if top else 0
        follows = self.cursor == 0 and top == 0
        cursor = 0 if follows else self._found(self._cursor_id, self.cursor)
        self._fit_columns()
        self.set_reactive(RunTable.cursor, self.validate_cursor(cursor))
        if new_top != top:
            self.scroll_to(y=new_top, animate=False, immediate=True)
        self._remember()
        self.refresh()
        self.post_own(self.Chosen(self.chosen))

    def _found(self, run_id: int | None, otherwise: int) -> int:
        row = self.pages.row_of(run_id) if run_id is not None else None
        return otherwise if row is None else row

    def _remember(self) -> None:
        cursor, top = self.chosen, self.pages.at(round(self.scroll_offset.y))
        self._cursor_id = cursor.id if cursor else None
        self._top_id = top.id if top else None

    def tick(self, now: datetime, zone: tzinfo) -> None:
        """Time has gone on: draw again what goes on, or all in another zone or on another day."""
        before, self._moment = self._moment, replace(self._moment, now=now, zone=zone)
        is_same_day = before.now.astimezone(zone).date() == now.astimezone(zone).date()
        if before.zone != zone or not is_same_day:
            self._fit_columns()
            self.refresh()
        else:
            self._repaint_going()

    def spin(self) -> None:
        """Turn the signs of running runs a step."""
        self._moment = replace(self._moment, frame=self._moment.frame + 1)
        self._repaint_going()

    def _repaint_going(self) -> None:
        for row in self.seen:
            run = self.pages.at(row)
            if run is not None and not run.state.is_final:
                self.refresh_line(row)

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor; None where there is none, or it is not held at the moment."""
        return self.pages.at(self.cursor)

    # Drawing

    def _fit_columns(self) -> None:
        runs = [run for row in self._near if (run := self.pages.at(row))]
        for run in runs:
            self._needs = self._needs.with_run(
                id=len(str(run.id)) + 1,
                task=0 if self._of_one_task else paint.cells(run.task),
                has_days=paint.is_of_another_day(run, self._moment),
            )
        fitting = columns.fit(self.scrollable_content_region.width - paint.LEAD, self._needs)
        if fitting != self.columns:
            self.columns = fitting
            self.post_own(self.ColumnsChanged())
        self.virtual_size = Size(self.size.width, self.pages.count)

    @property
    def _near(self) -> range:
        """The rows that the columns are laid out for: a screen's, and one more below."""
        seen = self.seen
        return range(seen.start, min(seen.start + 2 * self.size.height, self.pages.count))

    def row_segments(self, row: int, tones: paint.Tones) -> Iterable[Segment]:
        """A run's row behind the sign of a marked one; a mark stands for what is not held."""
        run = self.pages.at(row)
        is_marked = run is not None and run.id in self.marked
        yield Segment(f"{paint.MARKED if is_marked else ' '} ", tones["marked"])
        if run is None:
            yield Segment("…", tones["muted"])
        else:
            yield from paint.row(run, self.columns, self._moment, tones)

    def on_resize(self) -> None:
        """Lay the columns out anew."""
        self._fit_columns()
        self.keep_cursor_in_sight()
        self._tell_seen()

    def on_show(self) -> None:
        """What is seen now may not be held."""
        self._tell_seen()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are seen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._remember()
            self._tell_seen()

    def _tell_seen(self) -> None:
        self._fit_columns()
        self.refresh()
        self.post_own(self.Seen(self))

    # The cursor

    def watch_cursor(self, old: int, new: int) -> None:
        """Tell which run is chosen."""
        super().watch_cursor(old, new)
        self._remember()
        self.post_own(self.Chosen(self.chosen))

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return self.pages.count

    def action_move_to_end(self, end: str) -> None:
        """Move the cursor to the `first` row, or to the `last` one, which is looked for."""
        super().action_move_to_end(end)
        if end == "last" and not self.pages.is_complete:
            self.post_own(self.Seen(self, is_end_wanted=True))

    def action_pick(self) -> None:
        """Ask for the run under the cursor to be watched."""
        if run := self.chosen:
            self.post_own(self.Picked(run.id))

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take the mark away; of three the first loses its."""
        if run := self.chosen:
            is_marked = run.id in self.marked
            (self.marked.remove if is_marked else self.marked.append)(run.id)
            self.refresh()
            self.post_own(self.Marked())

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        if action == "mark":
            return not self._of_one_task and self.chosen is not None
        return action != "pick" or self.chosen is not None

    def on_click(self, event: events.Click) -> None:
        """Choose the row and watch its run; in the first cells, mark it."""
        row = self.row_at(event.y)
        if row is None:
            return
        self.cursor = row
        if event.x < paint.LEAD and not self._of_one_task:
            self.action_mark()
        else:
            self.action_pick()
