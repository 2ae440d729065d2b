"""Learns all that a project's imports tell, in a time that has a bound, whatever its files do."""

import selectors
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from taskconsole.cli.importing.facts import facts_of
from taskconsole.cli.importing.faults import ended, too_slow
from taskconsole.cli.importing.messages import Imported
from taskconsole.cli.importing.process import ImportProcess
from taskconsole.cli.importing.traces import Place
from taskengine.client.views import TaskView
from taskengine.problem import Problem, ProblemKind

_OVERTAKEN_AFTER = 3.0  # seconds
_MOST_AT_ONCE = 8
_STARTED_WITHIN = 30.0  # seconds until a process says its first word, at the most
_LEFT_AFTER = 5.0  # seconds for a process that says no more to end in


def import_elsewhere(
    root: Path, patience: float, tell: Callable[[str], None], *, is_whole: bool = True
) -> Imported:
    """Import the tasks of a project in other processes; unless `is_whole`, only those whose text
    does not tell what lists show.

    Each import may take `patience` seconds. A file that takes longer, or that ends its process, is
    a problem, and all others are imported without it. Those that hang are not waited for one by
    one: after a while another process goes on behind them. `tell` is called with a line whenever
    that happens. Raises OSError if no process can be started.
    """
    with _Imports(root, patience, tell, is_whole=is_whole) as imports:
        return imports.result()


class _NoEnd(Exception):
    """It can't be told which file is to blame, so that leaving out files does not help."""


class _Imports:
    """Processes that import the same project. Each goes on without the files that those before it
    are held up by; what it finds counts when these were cut off, and not if one goes on after all.
    """

    def __init__(
        self, root: Path, patience: float, tell: Callable[[str], None], *, is_whole: bool
    ) -> None:
        self._root = root.resolve()
        self._patience = patience
        self._tell = tell
        self._is_whole = is_whole
        self._soon = min(_OVERTAKEN_AFTER, patience / 2)
        self._faults: dict[Path, Problem] = {}
        self._told: set[Path] = set()
        self._processes: list[ImportProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop_from(0)

    def result(self) -> Imported:
        """All that is to be learned."""
        try:
            self._start(frozenset())
            while (found := self._processes[0].imported) is None:
                self._hear()
                self._cut_off()
                self._overtake()
        except _NoEnd:
            return self._by_text()
        return self._with_faults(found, self._processes[0].avoided)

    def _start(self, avoided: AbstractSet[Path]) -> None:
        self._processes.append(
            ImportProcess(
                self._root,
                avoided | self._faults.keys(),
                is_whole=self._is_whole,
                trace_every=max(self._soon * 0.9, self._patience / 100),
            )
        )

    def _drop_from(self, at: int) -> None:
        dropped, self._processes[at:] = self._processes[at:], []
        for process in dropped:
            process.close()

    def _hear(self) -> None:
        """Take what is said, or wait until something is due."""
        with selectors.DefaultSelector() as selector:
            for process in self._at_work():
                selector.register(process, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(self._until_due())]
        for at, process in enumerate(list(self._processes)):
            if process in ready and process in self._processes:
                # Whoever was started because this one was silent has done so in vain.
                self._drop_from(at + 1)
                if not process.hear() and process.imported is None:
                    self._take_end(at, process)

    def _at_work(self) -> Sequence[ImportProcess]:
        return [one for one in self._processes if one.imported is None]

    def _until_due(self) -> float:
        """In how many seconds a process is to be cut off or overtaken, at the earliest."""
        waits = [self._limit(one) - one.silence() for one in self._at_work()]
        last = self._processes[-1]
        if last.imported is None and last.silence() < self._soon:
            waits.append(self._soon - last.silence())
        return max(min(waits), 0)

    def _limit(self, process: ImportProcess) -> float:
        """How many seconds of silence are borne; to start and to end is not a file's fault."""
        return self._patience if process.at_work else max(self._patience, _STARTED_WITHIN)

    def _take_end(self, at: int, process: ImportProcess) -> None:
        """A process has said its last word, and not what it was asked for."""
        code = process.wait(_LEFT_AFTER)
        place = process.place() if code is None or code < 0 else None
        if code is None:
            self._blame(process, place, partial(too_slow, self._patience))
        else:
            self._blame(process, place, partial(ended, code))
        self._begin_anew(at)

    def _cut_off(self) -> None:
        """End the processes that have been silent for too long."""
        for process in self._at_work():
            if process in self._processes and process.silence() >= self._limit(process):
                at = self._processes.index(process)
                path = self._blame(process, process.place(), partial(too_slow, self._patience))
                behind = self._processes[at + 1 : at + 2]
                if behind and path in behind[0].avoided:
                    del self._processes[at]
                    process.close()
                else:
                    self._begin_anew(at)

    def _begin_anew(self, at: int) -> None:
        """Have the last process be one that leaves out what the others are held up by."""
        self._drop_from(at)
        held_up = [self._culprit(one) for one in self._processes]
        before = self._processes[-1].avoided if self._processes else frozenset()
        self._start(before | {one for one in held_up if one is not None})

    def _overtake(self) -> None:
        """Let another process go on behind a file that has been imported for a while."""
        last = self._processes[-1]
        if last.imported is not None or last.silence() < self._soon:
            return
        path = self._culprit(last)
        if path is None or path in last.avoided:
            return
        if path not in self._told:
            self._told.add(path)
            limit = f"it is cut off after {self._patience:g} s"
            self._tell(f"{path} has been imported for {last.silence():.0f} s now; {limit}.")
        if len(self._processes) < _MOST_AT_ONCE:
            self._start(last.avoided | {path})

    def _culprit(self, process: ImportProcess) -> Path | None:
        place = process.place()
        return place.path if place else process.at_work

    def _blame(
        self,
        process: ImportProcess,
        place: Place | None,
        fault: Callable[[Path, Place | None], Problem],
    ) -> Path:
        """Take down whose fault it is that a process came to no end. Raises _NoEnd if nobody knows,
        or if that file was left out already.
        """
        path = place.path if place else process.at_work
        self._faults.setdefault(path or self._root, fault(path or self._root, place))
        if path is None or path in process.avoided:
            raise _NoEnd
        return path

    def _with_faults(self, found: Imported, avoided: AbstractSet[Path]) -> Imported:
        """What a process has found, and what is wrong with the files that were kept from it."""
        faults = {path: one for path, one in self._faults.items() if path in avoided}
        others = [one for one in found.problems if not _is_avoidance(one, faults.keys())]
        return Imported(
            timezone=found.timezone,
            tasks=tuple(_blamed_view(one, faults) for one in found.tasks),
            problems=(*faults.values(), *others),
            history=found.history,
            cut_off=tuple(faults.values()),
        )

    def _by_text(self) -> Imported:
        """What the files' text tells, where the imports come to no end."""
        from taskengine.project.project import Project
        from taskengine.project.zone import default_timezone

        with Project(self._root, default_timezone=default_timezone) as project:
            found = facts_of(project.scan())
        return self._with_faults(found, self._faults.keys())


def _is_avoidance(problem: Problem, avoided: AbstractSet[Path]) -> bool:
    """Whether it only says that a file was not imported again."""
    return problem.kind is ProblemKind.IMPORT and problem.path in avoided


def _blamed_view(view: TaskView, faults: dict[Path, Problem]) -> TaskView:
    fault = faults.get(view.path) if view.path else None
    return view if fault is None else replace(view, problem=replace(fault, task=view.name))
