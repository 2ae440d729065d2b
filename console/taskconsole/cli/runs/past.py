"""Where runs are known: the engine that is at work on the project, or else the file they are kept
in.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from taskconsole.cli.project import engine_of
from taskconsole.cli.running.host import Piece
from taskengine.records import RunPage, RunQuery
from taskengine.run import Run


class PastRuns(Protocol):
    """Runs as they were, and as they are if they go on. Each call may raise EngineUnreachable or
    HistoryUnreachable.
    """

    def page(self, query: RunQuery, before: int | None, limit: int) -> RunPage:
        """Some of the runs that a query asks for, newest first."""

    def run(self, run_id: int) -> Run:
        """A run as it stands now. Raises RunNotFound."""

    def total(self, run_id: int) -> int:
        """How many lines a run has written. Raises RunNotFound."""

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from line `start` on. If there is nothing yet, it may wait for as
        many seconds, or less. Raises RunNotFound.
        """


@contextmanager
def past_runs(root: Path) -> Iterator[PastRuns]:
    """Where the project's runs are known. Raises HistoryUnreachable, HistoryTooNew."""
    if calls := engine_of(root):
        from taskconsole.cli.running.distant import DistantRuns

        with ExitStack() as stack:
            yield DistantRuns(calls, root, stack)
        return
    from taskconsole.cli.runs.kept import kept_runs

    with kept_runs(root) as runs:
        yield runs
