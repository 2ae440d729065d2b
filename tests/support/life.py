"""A small model of a run's life, and bodies that end as they are told."""

import queue
import threading
from dataclasses import dataclass, field
from typing import Any

from taskengine import RunState, TaskEvent

TIMEOUT, DELAY, ATTEMPTS = 10.0, 5.0, 2
SOON = 60.0
LIMITS = {"join": 1, "queue": 1, "skip": 1, "parallel": 2}
OVER = (RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.TIMEOUT)


class Desk:
    """Where bodies report, and wait to be told how they end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._bodies: dict[tuple[int, int], tuple[TaskEvent[Any], queue.SimpleQueue[bool]]] = {}

    def work(self, event: TaskEvent[Any]) -> str:
        orders: queue.SimpleQueue[bool] = queue.SimpleQueue()
        with self._changed:
            self._bodies[event.context.run_id, event.context.attempt] = event, orders
            self._changed.notify_all()
        if orders.get():
            return "done"
        raise ValueError("as it was told")

    def end(self, run_id: int, attempt: int, *, well: bool) -> None:
        self._body(run_id, attempt)[1].put(well)

    def was_asked_to_return(self, run_id: int, attempt: int) -> bool:
        return self._body(run_id, attempt)[0].context.cancelled.wait(SOON)

    def _body(self, run_id: int, attempt: int) -> tuple[TaskEvent[Any], queue.SimpleQueue[bool]]:
        with self._changed:
            assert self._changed.wait_for(lambda: (run_id, attempt) in self._bodies, SOON)
            return self._bodies[run_id, attempt]


@dataclass
class Expected:
    """A run as the model has it. `since` is when it came into its state, `returning` whether its
    body has timed out and may still return in time for another attempt.
    """

    id: int
    lane: tuple[str, str]
    since: float
    state: RunState = RunState.QUEUED
    attempt: int = 1
    verdict: RunState | None = None
    returning: bool = False

    @property
    def seen(self) -> tuple[RunState, bool, int]:
        is_stopping = self.verdict is not None and self.state is RunState.RUNNING
        return self.state, is_stopping, self.attempt


@dataclass
class Model:
    """What runs ought to do."""

    now: float = 0.0
    runs: dict[int, Expected] = field(default_factory=dict)

    def of(self, lane: tuple[str, str]) -> list[Expected]:
        return [run for run in self.runs.values() if run.lane == lane and run.state not in OVER]

    def joinable(self, lane: tuple[str, str]) -> Expected | None:
        return next((run for run in self.of(lane) if run.verdict is None), None)

    def add(self, run_id: int, lane: tuple[str, str]) -> None:
        self.runs[run_id] = Expected(run_id, lane, self.now)
        self.let_in(lane)

    def let_in(self, lane: tuple[str, str]) -> None:
        at_work = [run for run in self.of(lane) if run.state is not RunState.QUEUED]
        in_line = [run for run in self.of(lane) if run.state is RunState.QUEUED]
        for run in in_line[: LIMITS[lane[0]] - len(at_work)]:
            self.change(run, RunState.RUNNING)

    def change(self, run: Expected, state: RunState) -> None:
        run.state, run.since = state, self.now
        if state in OVER:
            self.let_in(run.lane)

    def body_ends(self, run: Expected, outcome: RunState) -> None:
        if run.verdict:
            self.change(run, run.verdict)
            return
        outcome = RunState.TIMEOUT if run.returning else outcome
        run.returning = False
        is_last = run.attempt == ATTEMPTS or outcome is RunState.DONE
        self.change(run, outcome if is_last else RunState.WAITING)

    def cancel(self, run: Expected) -> None:
        run.verdict = run.verdict or RunState.CANCELLED
        run.returning = False
        if run.state is not RunState.RUNNING:
            self.change(run, RunState.CANCELLED)

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for run in list(self.runs.values()):
            if run.state is RunState.WAITING and self.now >= run.since + DELAY:
                run.attempt += 1
                self.change(run, RunState.RUNNING)
            elif run.state is RunState.RUNNING and run.verdict is None:
                self._let_time_out(run)

    def _let_time_out(self, run: Expected) -> None:
        if run.returning:
            run.verdict = RunState.TIMEOUT if self.now >= run.since + 1 else None
            run.returning = run.verdict is None
        elif self.now >= run.since + TIMEOUT and run.attempt < ATTEMPTS:
            run.returning, run.since = True, self.now
        elif self.now >= run.since + TIMEOUT:
            run.verdict = RunState.TIMEOUT
