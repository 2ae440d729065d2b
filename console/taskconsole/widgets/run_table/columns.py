"""Which columns a table of runs of a given width has, and how wide each is."""

from dataclasses import dataclass, replace

GAP = 2
STATE_WIDTH, STATE_MINIMUM = 13, 11
TASK_MINIMUM, TASK_MAXIMUM = 11, 28
TRIGGER_WIDTH, NOTED_WIDTH = 8, 12
TIME_WIDTH, DATE_WIDTH = 8, 12
TOOK_WIDTH = 6
LINES_WIDTH = 6
TEXT_MINIMUM = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the rows seen so far would like to have: cells for the longest number and the longest
    name (0: no column for it), and whether any of them is of another day.
    """

    id: int = 3
    task: int = 0
    has_days: bool = False

    def with_run(self, *, id: int, task: int, has_days: bool) -> "Needs":  # noqa: A002
        """What they would like with one row more."""
        return Needs(
            id=max(self.id, id),
            task=max(self.task, task),
            has_days=self.has_days or has_days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The widths of the columns in cells, in their order; 0 for a column that has no room."""

    state: int = STATE_MINIMUM
    id: int = 0
    task: int = 0
    trigger: int = 0
    when: int = 0
    took: int = 0
    lines: int = 0
    text: int = 0

    @property
    def widths(self) -> tuple[int, ...]:
        """All widths from left to right."""
        own = (self.state, self.id, self.task, self.trigger)
        return (*own, self.when, self.took, self.lines, self.text)

    @property
    def taken(self) -> int:
        """The cells that they take together, with the gaps between them."""
        shown = [width for width in self.widths if width]
        return sum(shown) + GAP * (len(shown) - 1)


def fit(width: int, needs: Needs) -> Columns:
    """The columns for rows of `width` cells.

    State, number, time and duration have room first, then task and trigger, then error or payload;
    a wide table has a column for the lines, and longer names.
    """
    when = DATE_WIDTH if needs.has_days else TIME_WIDTH
    task = max(min(needs.task, TASK_MAXIMUM), TASK_MINIMUM) if needs.task else 0
    state, narrow = {"state": STATE_WIDTH}, min(task, TASK_MINIMUM)
    least = {"id": needs.id, "task": narrow, "when": when, "took": TOOK_WIDTH}
    full = {**least, "trigger": TRIGGER_WIDTH}
    columns = Columns(id=needs.id, when=when)
    for wanted in (
        Columns(**least),
        Columns(**full),
        Columns(**full, text=TEXT_MINIMUM),
        Columns(**full | {"task": min(task, 2 * TASK_MINIMUM)}, text=TEXT_MINIMUM),
        Columns(**full | state | {"task": min(task, 2 * TASK_MINIMUM)}, text=TEXT_MINIMUM),
        Columns(**full | state | {"task": task}, lines=LINES_WIDTH, text=2 * TEXT_MINIMUM),
    ):
        if wanted.taken <= width:
            columns = wanted
    return _spread(columns, width, task)


def _spread(columns: Columns, width: int, task: int) -> Columns:
    """What is left goes to the text, or to the name where there is no text."""
    spare = max(width - columns.taken, 0)
    if columns.text:
        return replace(columns, text=columns.text + spare)
    if not columns.task:
        more = min(spare, NOTED_WIDTH - columns.trigger) if columns.trigger else 0
        return replace(columns, trigger=columns.trigger + more)
    return replace(columns, task=columns.task + min(spare, max(task - columns.task, 0)))
