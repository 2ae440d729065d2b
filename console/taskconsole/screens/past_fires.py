"""What became of a task's fires: asked of the history again and again, one question at a time."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field

from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.records import PastFire, RunQuery, RunSummary
from taskengine.run import Trigger

LISTED = 50
_BY_SCHEDULE = frozenset({Trigger.SCHEDULE})


@dataclass(frozen=True, slots=True)
class Past:
    """Fires of a task, the latest first, and the runs that they began, as far as those are kept."""

    task: str
    fires: Sequence[PastFire] = ()
    runs: Mapping[int, RunSummary] = field(default_factory=dict)


class PastFires:
    """Asks through a worker, which `work` starts; `show` is told every answer still wanted."""

    def __init__(
        self,
        handle: Handle,
        show: Callable[[Past], None],
        work: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        self._handle = handle
        self._show = show
        self._work = work
        self._wanted: str | None = None
        self._is_asking = False

    def want(self, task: str) -> None:
        """Have a task's fires shown; many wishes while one is answered are one wish."""
        self._wanted = task
        if not self._is_asking:
            self._is_asking = True
            self._work(self._ask())

    async def _ask(self) -> None:
        try:
            while task := self._wanted:
                self._wanted = None
                past = await self._past(task)
                if self._wanted in (None, task):
                    self._show(past)
        except TaskError:
            return  # the header tells that the engine does not answer; it is asked again
        finally:
            self._is_asking = False

    async def _past(self, task: str) -> Past:
        fires = await self._handle.past_fires(task, LISTED)
        newest = max((fire.run_id or 0 for fire in fires), default=0)
        if not newest:
            return Past(task, fires)
        query = RunQuery(task=task, triggers=_BY_SCHEDULE)
        page = await self._handle.runs(query, before=newest + 1, limit=LISTED)
        return Past(task, fires, {run.id: run for run in page.runs})
