"""What one engine tells of its one run, while it tells it."""

import asyncio
from collections.abc import Awaitable

from taskengine.engine import Engine
from taskengine.errors import TaskNotFound
from taskengine.events import AttemptEnded, EngineState, EngineStateChanged, Event, RunEvent
from taskengine.output import OutputLine
from taskengine.problem import ProblemKind
from taskengine.project.catalog import CatalogEntry
from taskengine.testing.manual_clock import ManualClock
from taskengine.testing.outcome import Outcome

_LOADED = frozenset({EngineState.LIVE, EngineState.DEAD})


class Record:
    """Listens to an engine from now on. `clock` follows the run's waits between attempts."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self._engine = engine
        self._clock = clock
        self._events: list[RunEvent] = []
        self._loop = asyncio.get_running_loop()
        self._loaded = asyncio.Event()
        engine.subscribe(self._take)

    def _take(self, event: Event) -> None:
        match event:
            case EngineStateChanged(state=state) if state in _LOADED:
                self._loop.call_soon_threadsafe(self._loaded.set)
            case AttemptEnded(run=run) if run.next_attempt_at is not None:
                self._clock.set(max(run.next_attempt_at, self._clock.now()))
        if isinstance(event, RunEvent):
            self._events.append(event)

    async def loaded(self, task: str) -> CatalogEntry:
        """A task, once all are there. Raises TaskNotFound; ValueError if it is not in order."""
        await self._loaded.wait()
        for problem in self._engine.problems:
            if problem.task == task and problem.kind is not ProblemKind.NAME_CLASH:
                raise ValueError(f"{problem.place} {problem.message} {problem.hint}".strip())
        entry = self._engine.catalog.entries.get(task)
        if entry is None:
            raise TaskNotFound(task)
        return entry

    async def outcome(self, call: Awaitable[object]) -> Outcome:
        """What becomes of the run that a call begins. Raises what lets it begin none."""
        exception = await _exception_of(call)
        if not self._events and exception is not None:
            raise exception
        run = await self._engine.wait(self._events[0].run.id)
        return Outcome(
            run=run,
            exception=exception,
            lines=self._lines(run.id),
            events=tuple(self._events),
        )

    def _lines(self, run_id: int) -> tuple[OutputLine, ...]:
        output = self._engine.history.output(run_id)
        assert output is not None, "a run that has just ended is kept"
        return tuple(map(OutputLine.decode, output.read(0, output.extent.total)))


async def _exception_of(call: Awaitable[object]) -> BaseException | None:
    try:
        await call
    except asyncio.CancelledError:
        raise  # the test itself is cancelled; a task's own arrives as TaskFailed
    except BaseException as error:  # noqa: BLE001 - a task may raise anything, and the test looks at it
        return error
    return None
