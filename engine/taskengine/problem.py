"""A fault of the project that its user can mend: what is wrong, where, and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ProblemKind(StrEnum):
    """What sort of fault it is."""

    CONFIG = "config"
    IMPORT = "import"
    NO_TASK = "no task"
    SEVERAL_TASKS = "several tasks"
    NAME_CLASH = "name clash"
    NOT_IMPLEMENTED = "not implemented"
    SCHEDULE = "schedule"
    OPTION = "option"
    PAYLOAD = "payload"
    SLOW_IMPORT = "slow import"
    WATCH = "watch"
    RELOAD = "reload"
    BLOCKED_LOOP = "blocked loop"
    HELD_LOCK = "held lock"
    HISTORY = "history"
    DAMAGED_HISTORY = "damaged history"
    MOVED_HISTORY = "moved history"
    SERVER = "server"

    @property
    def spares_code(self) -> bool:
        """Whether the task's code is as new as ever: what is wrong is how it is to be run."""
        return self in {ProblemKind.SCHEDULE, ProblemKind.OPTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault. Two equal problems are the same fault, seen twice.

    `line` and `column` count from 1. `task` is the name the fault belongs to, if it has one.
    `hint` says how to mend it; `traceback` is the text Python would have printed.
    """

    kind: ProblemKind
    message: str
    path: Path | None = None
    line: int | None = None
    column: int | None = None
    task: str | None = None
    hint: str = ""
    traceback: str = ""

    @property
    def place(self) -> str:
        """`path:line:column`, as far as it is known; an editor understands it."""
        parts = [str(self.path or ""), *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(part for part in parts if part)
