"""Runs that were, as many as a test wants: made up when they are asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from taskengine.client.views import EngineStatus
from taskengine.events import EngineState
from taskengine.records import RunPage, RunQuery, RunSummary
from taskengine.run import RunState, Trigger

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def summary(number: int, **others: object) -> RunSummary:
    """A run that took a second, a minute after the one before it."""
    began = NOON - timedelta(days=30) + timedelta(seconds=number)
    values: dict[str, object] = {
        "id": number,
        "task": f"task:{number % 7}",
        "trigger": Trigger.SCHEDULE,
        "state": RunState.DONE,
        "queued_at": began,
        "started_at": began,
        "ended_at": began + timedelta(seconds=1),
    }
    return RunSummary(**(values | others))  # type: ignore[arg-type]


class Past:
    """Runs 1 to `count`, of which some are `changed`; a call looks at `patience` runs at most."""

    def __init__(self, count: int, *, patience: int = 10**9) -> None:
        self.count = count
        self.patience = patience
        self.changed: dict[int, RunSummary] = {}
        self.asked: list[tuple[int | None, int]] = []
        self.status = EngineStatus(
            state=EngineState.LIVE,
            project="past",
            root=Path("/past"),
            tasks_dir=Path("/past/tasks"),
            timezone="UTC",
            scheduling=False,
            stop_grace=0.0,
        )

    def now(self) -> datetime:
        return NOON

    async def runs(
        self, query: RunQuery, *, before: int | None = None, limit: int = 100
    ) -> RunPage:
        """As a history does it, with states and tasks alone."""
        self.asked.append((before, limit))
        top = self.count if before is None else min(before - 1, self.count)
        found: list[RunSummary] = []
        last = max(top - self.patience, 0)
        for run in self._down(top, last):
            if self._is_wanted(run, query):
                found.append(run)
                if len(found) == limit:
                    return RunPage(tuple(found), run.id if run.id > 1 else None)
        return RunPage(tuple(found), last + 1 if last else None)

    def _down(self, top: int, last: int) -> Iterator[RunSummary]:
        for number in range(top, last, -1):
            yield self.changed.get(number) or summary(number)

    def _is_wanted(self, run: RunSummary, query: RunQuery) -> bool:
        in_time = query.since is None or run.queued_at >= query.since
        in_state = not query.states or run.state in query.states
        return in_time and in_state and query.task in (None, run.task)
