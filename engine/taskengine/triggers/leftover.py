"""What earlier engines left undone: the queue goes on, and interrupted runs may run again."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from taskengine.clock import Clock
from taskengine.errors import EngineNotRunning, TaskSkipped
from taskengine.events import Event, RunEnded, RunQueued
from taskengine.executors.ending import describe_error
from taskengine.history.history import History
from taskengine.history.leftovers import Leftovers
from taskengine.options import OnInterrupt
from taskengine.output import OutputBuffer
from taskengine.project.catalog import Catalog
from taskengine.run import Run, RunState
from taskengine.runs.live import LiveRun
from taskengine.runs.request import RunRequest, rerun_request
from taskengine.triggers.in_order import InOrder

MAX_IN_A_ROW = 3
_LISTED = 5


class Resumes(Protocol):
    """The runner, as far as it is needed here."""

    async def begin(self, request: RunRequest) -> LiveRun:
        """Begin a run as soon as the task's code is there."""

    async def resume(self, left: Run) -> LiveRun:
        """Begin a run that was left in the queue."""


class LeftoverRuns:
    """Takes up once what the history had, each task's runs in their order, the interrupted first.

    `note` takes the words for people.
    """

    def __init__(
        self,
        leftovers: Leftovers,
        history: History,
        runner: Resumes,
        catalog: Callable[[], Catalog],
        clock: Clock,
        emit: Callable[[Event], None],
        note: Callable[[str], None],
    ) -> None:
        self._leftovers = leftovers
        self._history = history
        self._runner = runner
        self._catalog = catalog
        self._clock = clock
        self._emit = emit
        self._note = note
        self._beginning = InOrder()

    def find(self, leftovers: Leftovers) -> None:
        """Have these to be taken up, where nothing was known of any until now."""
        self._leftovers = leftovers

    def tell(self, *, goes_on: bool) -> None:
        """Say what was found, and whether it is taken up now."""
        interrupted, queued = self._leftovers.interrupted, self._leftovers.queued
        if interrupted:
            self._note(f"{_count(interrupted)} interrupted: {_names(interrupted)}")
        if queued:
            fate = "goes on" if goes_on else "stands still until schedules fire"
            self._note(f"{_count(queued)} in the queue, which {fate}: {_names(queued)}")

    async def take_up(self) -> None:
        """Begin what is to be begun. Where users' code takes its time over a payload, the rest of
        that task's runs follow after this has returned.
        """
        leftovers, self._leftovers = self._leftovers, Leftovers()
        again: set[int] = set()
        for run in leftovers.interrupted:
            is_part = run.parent_id in again  # of a run that begins it anew
            if is_part or self._asks_for_rerun(run):
                again.add(run.id)
            work = self._settle if is_part or run.id not in again else self._run_again
            self._add(run, work)
        for run in leftovers.queued:
            self._add(run, self._resume)
        await self._beginning.finish()

    async def close(self) -> None:
        """See to those that have not begun when the runner closes: they stay as they are."""
        await self._beginning.finish()

    def _add(self, run: Run, work: Callable[[Run], Coroutine[object, object, None]]) -> None:
        self._beginning.add(run.task, partial(self._do, run, work))

    async def _do(self, run: Run, work: Callable[[Run], Coroutine[object, object, None]]) -> None:
        try:
            await work(run)
        except EngineNotRunning:
            return  # it is the next engine's
        except Exception as error:  # noqa: BLE001 - one that can't be kept must not keep others back
            self._note(f"{_name(run)} is left as it was: {error}")

    def _asks_for_rerun(self, run: Run) -> bool:
        entry = self._catalog().entries.get(run.task)
        if entry is None or entry.options.on_interrupt is not OnInterrupt.RERUN:
            return False
        if self._interrupted_in_a_row(run) < MAX_IN_A_ROW:
            return True
        self._note(
            f"{_name(run)} is not run again: it was interrupted {MAX_IN_A_ROW} times in a row"
        )
        return False

    def _interrupted_in_a_row(self, run: Run) -> int:
        """How many runs were interrupted, from this one back over those that it repeats."""
        count, one = 0, run
        while count < MAX_IN_A_ROW and one.state is RunState.INTERRUPTED:
            count += 1
            before = None if one.rerun_of is None else self._history.run(one.rerun_of)
            if before is None:
                break
            one = before
        return count

    async def _run_again(self, run: Run) -> None:
        try:
            again = await self._runner.begin(rerun_request(run))
            self._note(f"{_name(run)} is run again as #{again.run.id}")
        except TaskSkipped as skipped:
            self._note(f"{_name(run)} is not run again: {skipped}")
        except EngineNotRunning:
            raise
        except Exception as error:  # noqa: BLE001 - whatever refuses it, it would do so the next time
            self._note(f"{_name(run)} could not be run again: {error}")
        await self._settle(run)

    async def _settle(self, run: Run) -> None:
        await self._history.keep_settled(run.id)

    async def _resume(self, run: Run) -> None:
        try:
            await self._runner.resume(run)
        except EngineNotRunning:
            raise
        except Exception as error:  # noqa: BLE001 - whatever refuses it, that is how it ends
            await self._fail(run, error)

    async def _fail(self, run: Run, error: Exception) -> None:
        """End a run that could not begin."""
        self._note(f"{_name(run)}, which was in the queue, did not begin: {error}")
        now = self._clock.now()
        failed = replace(run, state=RunState.FAILED, ended_at=now, error=describe_error(error))
        self._emit(RunQueued(at=now, run=run))
        await self._history.keep_queued(run, OutputBuffer(), begins=False)
        await self._history.keep_ended(failed)
        self._emit(RunEnded(at=now, run=failed))


def _name(run: Run) -> str:
    return f"#{run.id} {run.task}"


def _names(runs: Sequence[Run]) -> str:
    more = [f"and {len(runs) - _LISTED} more"] if len(runs) > _LISTED else []
    return ", ".join([*map(_name, runs[:_LISTED]), *more])


def _count(runs: Sequence[Run]) -> str:
    if len(runs) == 1:
        return "1 run of the engine before was"
    return f"{len(runs)} runs of the engine before were"
