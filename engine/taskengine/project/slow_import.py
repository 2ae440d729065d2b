"""Finds the file whose import takes too long, while it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from taskengine.clock import Clock
from taskengine.problem import Problem, ProblemKind

SLOW_IMPORT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Import:
    """A file that is being imported, and since when (aware)."""

    path: Path
    since: datetime


class SlowImports:
    """Flags each import that takes more than ten seconds, once, as a problem. `current` is the one
    that goes on, if there is one.
    """

    def __init__(self, clock: Clock, flag: Callable[[Problem], None]) -> None:
        self._clock = clock
        self._flag = flag
        self.current: Import | None = None

    def note(self, path: Path | None) -> None:
        """A file's import begins; with None it has ended. Called on the thread that imports."""
        self.current = Import(path, self._clock.now()) if path else None

    async def watch(self) -> None:
        """Flag what is slow, for ever."""
        flagged = None
        while True:
            await self._clock.sleep_until(self._deadline(flagged))
            one = self.current
            if one and one is not flagged and self._clock.now() >= one.since + SLOW_IMPORT:
                flagged = one
                self._flag(_problem(one.path))

    def _deadline(self, flagged: Import | None) -> datetime:
        """When to look next: an import that has not begun yet can't be slow before that."""
        one = self.current
        since = self._clock.now() if one is None or one is flagged else one.since
        return since + SLOW_IMPORT


def _problem(path: Path) -> Problem:
    return Problem(
        kind=ProblemKind.SLOW_IMPORT,
        message=f"importing takes more than {SLOW_IMPORT.seconds} seconds",
        path=path,
        hint="move slow work from the module into the task's function",
    )
