"""Which rows the list has: a tree of the names' `:` parts, or a flat list of them."""

from collections.abc import Collection, Container, Iterable, Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

from taskconsole.widgets.task_list.natural import Natural, natural


class RowKind(Enum):
    """What a row stands for."""

    TASK = auto()
    GROUP = auto()
    ENGINE_OUTPUT = auto()
    NOTHING = auto()


class Row(NamedTuple):
    """One row. `path` is the full name of the task or group; `matched` are places in `label`.

    `label` is fit for the screen.
    A task whose name is the beginning of others' is a row that can be folded like a group.
    """

    kind: RowKind
    path: str
    label: str
    depth: int = 0
    foldable: bool = False
    folded: bool = False
    matched: tuple[int, ...] = ()

    def stands_for_same(self, other: "Row") -> bool:
        """Whether both rows are of one task or group, however they look."""
        return (self.kind, self.path) == (other.kind, other.path)


ENGINE_OUTPUT = Row(RowKind.ENGINE_OUTPUT, "", "Engine output")
NOTHING = Row(RowKind.NOTHING, "", "")


def parent(path: str) -> str:
    """The group that a task or group stands in; empty at the top."""
    return path.rpartition(":")[0]


def in_order(names: Iterable[str]) -> list[str]:
    """All tasks and groups in the order of a tree, each group before what is in it."""
    tasks = set(names)
    return sorted(tasks | _groups(tasks), key=_by_parts)


def tree(paths: Sequence[str], tasks: Container[str], folded: Collection[str]) -> list[Row]:
    """The rows of a tree of `paths`, as `in_order` gives them; nothing is listed below the paths
    in `folded`.
    """
    rows: list[Row] = []
    hidden_below = ""
    for path, following in pairwise([*paths, ""]):
        if hidden_below and path.startswith(hidden_below):
            continue
        foldable = following.startswith(path + ":")
        is_folded = foldable and path in folded
        hidden_below = path + ":" if is_folded else ""
        kind = RowKind.TASK if path in tasks else RowKind.GROUP
        label = label_of(path.rpartition(":")[2])
        rows.append(Row(kind, path, label, path.count(":"), foldable, is_folded))
    return rows


def flat(names: Iterable[str]) -> list[Row]:
    """One row per task under its full name, in the order given."""
    return [Row(RowKind.TASK, name, label_of(name)) for name in names]


def label_of(name: str) -> str:
    """A name as it fits on a line: a server elsewhere may call its tasks anything."""
    if name.isprintable():
        return name
    from taskconsole.widgets.safe_text import make_safe

    return make_safe(name).plain


def _by_parts(path: str) -> list[tuple[Natural, str]]:
    return [(natural(part), part) for part in path.split(":")]


def _groups(names: Iterable[str]) -> set[str]:
    groups: set[str] = set()
    for name in names:
        group = parent(name)
        while group and group not in groups:
            groups.add(group)
            group = parent(group)
    return groups
