"""What the list holds, apart from how it is drawn: tasks, order, filter, folds, and their rows."""

from collections.abc import Iterable

from taskconsole import marks
from taskconsole.widgets.task_list import fuzzy, rows
from taskconsole.widgets.task_list.entry import SortOrder, TaskEntry
from taskconsole.widgets.task_list.rows import Row, RowKind


class Listing:
    """Tasks and the rows that stand for them. Call `rebuild` after a change of what is listed."""

    def __init__(self) -> None:
        self.order = SortOrder.NAME
        self.query = ""
        self.folded: set[str] = set()
        self.rows: list[Row] = []
        self._entries: dict[str, TaskEntry] = {}
        self._removed: frozenset[str] = frozenset()
        self._paths: list[str] = []
        self._below: dict[str, tuple[int, marks.Mark | None]] = {}

    @property
    def total(self) -> int:
        """How many tasks there are, listed or not; removed ones are no more."""
        return len(self._entries) - len(self.removed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to list, not even a removed task."""
        return not self._entries

    @property
    def removed(self) -> frozenset[str]:
        """The tasks that are held though they are gone."""
        return self._removed

    @property
    def listed(self) -> int:
        """How many tasks there are rows for, folded ones included."""
        if not self.query:
            return self.total
        return sum(row.path not in self.removed for row in self.rows)

    @property
    def failed(self) -> int:
        """How many tasks' last run went wrong."""
        last = (entry.status.last for entry in self._entries.values())
        return sum(run is not None and run.state in marks.WENT_WRONG for run in last)

    @property
    def shown_order(self) -> SortOrder | None:
        """What the rows are sorted by; None where they are filtered, the best match first."""
        return None if self.query else self.order

    @property
    def moves_with_status(self) -> bool:
        """Whether rows may change places when a task's status changes."""
        return self.order is not SortOrder.NAME and not self.query

    def hold(self, entries: Iterable[TaskEntry]) -> None:
        """Hold these tasks and no others."""
        before = self._entries.keys()
        self._entries = {entry.name: entry for entry in entries}
        self._removed = frozenset(name for name, one in self._entries.items() if one.removed)
        if self._entries.keys() != before:
            self._paths = rows.in_order(self._entries)

    def update(self, entries: Iterable[TaskEntry]) -> set[str]:
        """Take over how some of the tasks stand; gives back which ones are held at all."""
        changed = {entry.name: entry for entry in entries if entry.name in self._entries}
        self._entries.update(changed)
        self._below.clear()
        return set(changed)

    def rebuild(self) -> None:
        """List the rows anew."""
        self._below.clear()
        self.rows = self._listed()

    def _listed(self) -> list[Row]:
        if self.query:
            return fuzzy.rows(self.query, self._entries)
        if self.order is SortOrder.NAME:
            return [*rows.tree(self._paths, self._entries, self.folded), rows.ENGINE_OUTPUT]
        entries = sorted(self._entries.values(), key=lambda entry: entry.sort_key(self.order))
        return [*rows.flat(entry.name for entry in entries), rows.ENGINE_OUTPUT]

    def index_of(self, path: str) -> int | None:
        """Which row stands for a task or group, if one does."""
        return next((index for index, row in enumerate(self.rows) if row.path == path), None)

    def entry(self, row: Row) -> TaskEntry | None:
        """The task of a row, if it is a task's."""
        return self._entries.get(row.path) if row.kind is RowKind.TASK else None

    def within(self, group: str) -> list[TaskEntry]:
        """The tasks below a group, at any depth."""
        start = group + ":"
        return [entry for name, entry in self._entries.items() if name.startswith(start)]

    def below(self, group: str) -> tuple[int, marks.Mark | None]:
        """How many tasks a folded group hides, and the most urgent sign among them."""
        if group not in self._below:
            inside = self.within(group)
            urgent = marks.most_urgent({entry.mark for entry in inside})
            self._below[group] = len(inside), urgent
        return self._below[group]

    def set_folded(self, path: str, *, folded: bool) -> None:
        """Fold or unfold a group."""
        (self.folded.add if folded else self.folded.discard)(path)

    def unfold_around(self, name: str) -> bool:
        """Unfold every group that a task stands in; False if none of them was folded."""
        around = {path for path in self.folded if name.startswith(path + ":")}
        self.folded -= around
        return bool(around)
