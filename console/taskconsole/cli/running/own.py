"""Runs in an engine of this process, for as long as a command takes. Its schedules never fire."""

import asyncio
import os
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO, TypeVar

from taskconsole.cli.exits import REFUSED
from taskconsole.cli.printing import safe
from taskconsole.cli.problems import in_words
from taskconsole.cli.refusing import Refusal
from taskconsole.cli.running.host import Piece, piece_at
from taskengine.engine import Engine
from taskengine.errors import RunNotFound, TaskError
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.output import OutputKind, OutputLine
from taskengine.problem import Problem, ProblemKind
from taskengine.project.slow_import import Import
from taskengine.run import Payload, Run, Trigger
from taskengine.threads.loop import LoopThread

T = TypeVar("T")
_LOOK_AGAIN = 0.03  # seconds until the output is looked at again
_LEFT_WITHIN = 2.0
_LOOK_FOR_TROUBLE = 0.5
_TOLD = frozenset({ProblemKind.HISTORY, ProblemKind.DAMAGED_HISTORY, ProblemKind.SLOW_IMPORT})


class OwnRuns:
    """A RunHost, and the engine it needs from entering to leaving it as a context manager.

    Other engines like it may work in the same history meanwhile. To enter raises what
    `Engine.start` raises. The task of the first run is imported before all others, and the run
    begins then. If an import takes more than `patience` seconds until that, or keeps the run
    waiting later, that raises Refusal, and the run is cancelled.
    """

    outlives = False

    def __init__(self, root: Path, patience: float) -> None:
        # Before the engine takes the process's streams over.
        self.stderr: TextIO = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
        self._engine = Engine(
            root,
            capture="process",
            scheduler=False,
            history=ProjectHistory(root, exclusive=False),
        )
        self._imports = _Imports(self._engine, patience)
        self._calls = LoopThread("taskconsole calls")
        self._aside = 0
        self._is_loading = False
        self._told: set[Problem] = set()

    def __enter__(self) -> Self:
        self._calls.start()
        try:
            self._do(self._engine.start(load=False))
        except BaseException:
            self._do(self._engine.stop(grace=0))
            self._close()
            raise
        self._tell_trouble()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tell_trouble()
        self._do(self._engine.stop())
        self._close()

    def _tell_trouble(self) -> None:
        """Say what keeps runs from being kept, or from beginning: nobody else will."""
        for problem in self._engine.problems:
            if problem.kind in _TOLD and problem not in self._told:
                self._told.add(problem)
                with suppress(OSError):
                    print(safe(in_words(problem)), file=self.stderr, flush=True)

    def _close(self) -> None:
        self._calls.stop()
        with suppress(OSError):
            self.stderr.close()

    @property
    def grace(self) -> float:
        """The config's `stop_grace`."""
        return self._engine.catalog.config.stop_grace

    def start(self, task: str, payload: Payload) -> Run:
        """Run a task."""
        self._load(task)
        return self._do_when_imported(self._engine.start_run(task, payload, trigger=Trigger.CLI))

    def rerun(self, run_id: int) -> Run:
        """Run a task again."""
        self._load(self.run(run_id).task)
        return self._do_when_imported(self._engine.rerun(run_id))

    def _load(self, task: str) -> None:
        """Begin to import the project: this task first, then those that its run may call."""
        if not self._is_loading:
            self._is_loading = True
            self._do(self._engine.load(first=task))

    def run(self, run_id: int) -> Run:
        """A run as it stands now."""
        run = self._engine.history.run(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from a line on."""
        self._tell_trouble()
        self._wait_no_longer(run_id)
        output = self._engine.history.output(run_id)
        if output is None:
            raise RunNotFound(run_id)
        is_over = output.extent.total <= start and self._is_over(run_id, min(patience, _LOOK_AGAIN))
        return piece_at(output, start, is_over=is_over)

    def _wait_no_longer(self, run_id: int) -> None:
        """Cancel a run that waits too long for the import of a task that it calls; Refusal then."""
        if not self._engine.is_import_awaited or not (words := self._imports.too_slow):
            return
        if self._do(self._engine.cancel_run(run_id)):
            words = f"{words}, and run #{run_id} that waited for it is cancelled"
            raise Refusal(_advised(words), REFUSED)

    def _is_over(self, run_id: int, patience: float) -> bool:
        """Whether a run is over by now, or after as many seconds."""
        ending = self._begin(self._engine.wait(run_id))
        try:
            ending.result(patience)
        except (TimeoutError, TaskError):
            ending.cancel()
        return self.run(run_id).state.is_final

    def aside(self) -> Sequence[OutputLine]:
        """What was written since by code that belongs to no run, such as a module's import. What
        the engine itself notes of earlier runs is not this command's affair.
        """
        piece = piece_at(self._engine.output, self._aside)
        self._aside = piece.following
        return [line for line in piece.lines if line.kind is not OutputKind.NOTE]

    def cancel(self, run_id: int) -> None:
        """Ask a run to stop."""
        self._begin(self._engine.cancel_run(run_id))

    def abandon(self) -> None:
        """Stop without grace, so that the history has all that was written."""
        with suppress(TimeoutError, TaskError, RuntimeError):
            self._begin(self._engine.stop(grace=0)).result(_LEFT_WITHIN)

    def names(self) -> Sequence[str]:
        """The tasks there are."""
        return tuple(self._engine.catalog.entries)

    def fault_of(self, task: str) -> str:
        """What is wrong with a task, and where."""
        entry = self._engine.catalog.entries.get(task)
        return in_words(entry.problem) if entry and entry.problem else ""

    def _begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._calls.loop)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait on this thread, where signals are still heard meanwhile; and tell whose import all
        are waiting for.
        """
        begun = self._begin(work)
        while not wait([begun], _LOOK_FOR_TROUBLE).done:
            self._tell_trouble()
        return begun.result()

    def _do_when_imported(self, work: Coroutine[Any, Any, T]) -> T:
        """The same for what waits for imports. Raises Refusal if one of them takes too long."""
        begun = self._begin(work)
        while not wait([begun], min(_LOOK_FOR_TROUBLE, self._imports.patience / 2)).done:
            self._tell_trouble()
            if (words := self._imports.too_slow) and begun.cancel():
                raise Refusal(_advised(f"{words}, and nothing was run"), REFUSED)
        return begun.result()


class _Imports:
    """The imports of an engine, each of which may take `patience` seconds from when it is seen."""

    def __init__(self, engine: Engine, patience: float) -> None:
        self.patience = patience
        self._engine = engine
        self._seen: Import | None = None
        self._since = 0.0

    @property
    def too_slow(self) -> str:
        """What is said of the import that goes on, if it takes too long; empty otherwise."""
        one = self._engine.importing
        if one is not self._seen:
            self._seen, self._since = one, time.monotonic()
        if one is None or time.monotonic() - self._since <= self.patience:
            return ""
        return f"{one.path}: its import took more than {self.patience:g} s"


def _advised(words: str) -> str:
    return (
        f"{words}.\n"
        "`taskconsole check` tells where it hangs; --import-timeout allows for more time."
    )
