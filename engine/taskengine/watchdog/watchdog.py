"""Asks the task loop for a sign of life while runs are active, and tells when none comes."""

import asyncio
import contextlib
import threading
from contextvars import Context
from pathlib import Path
from typing import Protocol

from taskengine.capture.sink import RunOutput
from taskengine.events import Event, RunQueued, RunStarted
from taskengine.executors.at_work import run_on
from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import Catalog, CatalogEntry
from taskengine.run import Run
from taskengine.watchdog.culprit import task_in
from taskengine.watchdog.problems import blocked_loop, held_lock
from taskengine.watchdog.stacks import Stack, stack_of, stacks
from taskengine.watchdog.threadtimes import ThreadTimes

INTERVAL = 0.5
PATIENCE = 2
LATE = 1.0
SHARE = 0.2  # of a processor that a thread gets at the least, however busy the machine is
CALM = 10


class Project(Protocol):
    """The registry, as far as the watchdog needs it."""

    catalog: Catalog

    def raise_problem(self, problem: Problem) -> None:
        """Have this problem for the only one of its kind."""

    def clear_problem(self, kind: ProblemKind) -> None:
        """Have no problem of this kind any more, if there was one."""


class LiveOutput(Protocol):
    """A run that is going on, as far as one can write to it."""

    @property
    def output(self) -> RunOutput:
        """What the run has written."""


class Runs(Protocol):
    """The runner, as far as the watchdog needs it."""

    def active(self) -> tuple[Run, ...]:
        """The runs that are not over."""

    def live(self, run_id: int) -> LiveOutput | None:
        """A run that is not over."""


class Watchdog:
    """Looks every `INTERVAL` seconds, on the engine's loop, as long as runs are active.

    A loop that leaves a call waiting for `PATIENCE` looks is blocked. A look that comes `LATE`
    seconds late, while some other thread has computed, means that this thread held Python's global
    lock: no code of ours could run. That is taken back after `CALM` looks that came in time.
    """

    def __init__(
        self,
        project: Project,
        runs: Runs,
        task_loop: asyncio.AbstractEventLoop,
        root: Path | None,
        *,
        is_hosts_loop: bool,
    ) -> None:
        self._project = project
        self._runs = runs
        self._loop = asyncio.get_running_loop()
        self._task_loop = task_loop
        self._root = root
        self._is_hosts_loop = is_hosts_loop
        self._timer: asyncio.TimerHandle | None = None
        self._task_thread: int | None = None
        self._is_waiting = False
        self._unanswered = 0
        self._calm = 0
        self._times = ThreadTimes()
        self._told: dict[ProblemKind, str] = {}
        self._ping()

    def attend(self, event: Event) -> None:
        """Look as long as runs are active. On the engine's loop.

        It begins before the run does: that one may hold the lock from its first moment.
        """
        if isinstance(event, RunQueued | RunStarted) and self._timer is None:
            self._look_later()

    def _look_later(self) -> None:
        if not self._is_waiting:
            self._ping()
        self._times.look()
        # In a context of its own: whoever wakes it may be in a run.
        self._timer = self._loop.call_later(INTERVAL, self._look, context=Context())

    def _ping(self) -> None:
        self._unanswered = 0
        self._is_waiting = True
        with contextlib.suppress(RuntimeError):  # a host's loop may be closed before the engine
            self._task_loop.call_soon_threadsafe(self._answer, context=Context())

    def _answer(self) -> None:
        """On the task loop."""
        self._task_thread = threading.get_ident()
        self._is_waiting = False

    def _look(self) -> None:
        assert self._timer is not None
        late = self._loop.time() - self._timer.when()
        self._timer = None
        if late >= LATE:
            self._look_after_standstill(late)
        else:
            self._look_in_time()
        if self._runs.active():
            self._look_later()
        else:
            self._clear(*self._told)

    def _look_after_standstill(self, late: float) -> None:
        """A process that was stopped, or got no processor, stood still too, but did not compute."""
        self._unanswered = 0
        if self._times.of_others() >= late * SHARE:
            self._calm = 0
            self._tell(held_lock(*self._holder(), self._root), f" for {late:.1f} seconds")

    def _look_in_time(self) -> None:
        self._calm += 1
        if self._calm == CALM:
            self._clear(ProblemKind.HELD_LOCK)
        if not self._is_waiting:
            self._clear(ProblemKind.BLOCKED_LOOP)
            return
        self._unanswered += 1
        if self._unanswered >= PATIENCE:
            stack = stack_of(self._task_thread)
            self._tell(blocked_loop(self._blocker(stack), stack, self._root, self._is_hosts_loop))

    def _blocker(self, stack: Stack) -> str | None:
        """The task that is at work on the task loop."""
        run_id = run_on(self._task_loop)
        named = (run.task for run in self._runs.active() if run.id == run_id)
        if task := next(named, None):
            return task
        entry = self._task_in(stack) or self._only_async_task()
        return entry.name if entry else None

    def _only_async_task(self) -> CatalogEntry | None:
        """Nobody else can be on a loop that is the tasks' own."""
        entries = [entry for entry in self._suspects() if entry.is_async]
        return entries[0] if len(entries) == 1 and not self._is_hosts_loop else None

    def _task_in(self, stack: Stack) -> CatalogEntry | None:
        return task_in(stack, self._suspects())

    def _holder(self) -> tuple[CatalogEntry | None, Stack]:
        """The task that has computed, and where it is now: nearly where it was, if it goes on."""
        found = {thread: (stack, self._task_in(stack)) for thread, stack in stacks().items()}
        busiest = self._times.busiest(frozenset(found))
        stack, entry = found.get(busiest or 0, (Stack(()), None))
        if entry is None:
            elsewhere = [one for _, one in found.values()]
            left = [one for one in self._suspects() if one not in elsewhere]
            entry = left[0] if len(left) == 1 else None
        return entry, stack

    def _suspects(self) -> list[CatalogEntry]:
        entries = self._project.catalog.entries
        names = {run.task for run in self._runs.active()}
        return [entries[name] for name in sorted(names) if name in entries]

    def _tell(self, problem: Problem, more: str = "") -> None:
        """Raise a problem; the same one of the same task is not told again for another line."""
        if self._told.get(problem.kind) == problem.message:
            return
        self._told[problem.kind] = problem.message
        self._project.raise_problem(problem)
        if problem.task:
            self._note(problem.task, f"{problem.message}{more} ({problem.place}); {problem.hint}")

    def _note(self, task: str, text: str) -> None:
        """Say it in the task's runs too, where it stays."""
        for run in self._runs.active():
            if run.task == task and (live := self._runs.live(run.id)):
                live.output.note(text)

    def _clear(self, *kinds: ProblemKind) -> None:
        for kind in kinds:
            if self._told.pop(kind, None) is not None:
                self._project.clear_problem(kind)
