"""Runs wherever they are: memory is asked first, for what leaves it is in the file by then."""

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from taskengine.history.line_search import LineSearch
from taskengine.history.past_payloads import LOOKED_AT, distinct_payloads
from taskengine.history.sqlite.chunk_cache import ChunkCache
from taskengine.history.sqlite.kept_output import KeptOutput
from taskengine.history.sqlite.output_search import OutputSearch
from taskengine.history.sqlite.overlay import Overlay
from taskengine.history.sqlite.pages import merged, page_of, seconds_for
from taskengine.history.sqlite.reader import Reader
from taskengine.history.sqlite.rows import load_run, load_runs
from taskengine.history.summary import matches, summary_of
from taskengine.records import RunPage, RunQuery
from taskengine.run import Payload, Run

_NONE: list[Run] = []
_RECENT = "ORDER BY id DESC LIMIT ?"
_RECENT_OF_TASK = "WHERE task = ? ORDER BY id DESC LIMIT ?"


class RunLookup:
    """Used by any thread, the coroutines on any loop."""

    def __init__(self, overlay: Overlay, reader: Reader) -> None:
        self._overlay = overlay
        self._reader = reader
        self._cache = ChunkCache()

    def run(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        if entry := self._overlay.get(run_id):
            return entry.facts.run
        return self._reader.read(lambda file: load_run(file, run_id), None)

    def recent(self, task: str | None, limit: int) -> Sequence[Run]:
        """The latest runs, newest first."""
        live = self._live(task)
        which, arguments = (_RECENT, (limit,)) if task is None else (_RECENT_OF_TASK, (task, limit))
        stored = self._reader.read(lambda file: load_runs(file, which, arguments), _NONE)
        return _newest_first(live, stored)[:limit]

    def output(self, run_id: int) -> KeptOutput | None:
        """What a run has written."""
        if self._overlay.get(run_id) is None and self.run(run_id) is None:
            return None
        return self._output(run_id)

    async def runs(self, query: RunQuery, before: int | None, limit: int) -> RunPage:
        """The runs that a query asks for, by descending number, from below `before`."""
        live = {
            entry.id: summary_of(entry.facts.run, self._output(entry.id))
            if matches(entry.facts.run, query)
            else None
            for entry in self._overlay.entries()
        }
        page = await self._reader.ask(
            lambda file: page_of(file, query, before, limit, seconds_for(before)), RunPage()
        )
        return merged(page, live, before, limit)

    async def past_payloads(self, task: str, limit: int) -> Sequence[Payload]:
        """The payloads that a task was given last, each once, the latest first."""
        live = self._live(task)
        latest = (task, LOOKED_AT)
        stored = await self._reader.ask(
            lambda file: load_runs(file, _RECENT_OF_TASK, latest), _NONE
        )
        return distinct_payloads(_newest_first(live, stored), limit)

    def search(self, run_id: int, wanted: LineSearch, start: int) -> AsyncIterator[Sequence[int]]:
        """The numbers of the lines of a run that hold a text, in batches."""
        search = OutputSearch(run_id, self._output(run_id), self._reader, wanted)
        return search.hits(start)

    def _live(self, task: str | None) -> list[Run]:
        runs = [entry.facts.run for entry in self._overlay.entries()]
        return runs if task is None else [run for run in runs if run.task == task]

    def _output(self, run_id: int) -> KeptOutput:
        return KeptOutput(run_id, partial(self._overlay.get, run_id), self._reader, self._cache)


def _newest_first(live: Iterable[Run], stored: Iterable[Run]) -> list[Run]:
    runs = {run.id: run for run in (*stored, *live)}
    return [runs[run_id] for run_id in sorted(runs, reverse=True)]
