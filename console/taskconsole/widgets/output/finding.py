"""Has others search through what of an output is not in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

from textual.widget import Widget

from taskconsole.widgets.output.arrivals import RETRY_SECONDS
from taskconsole.widgets.output.search import Candidates, Finder, Search
from taskconsole.workers import replace_worker
from taskengine.errors import EngineUnreachable


class Finding:
    """Asks a `finder`, if there is one, for the candidates of a view's search; `came` is called
    whenever there are more of them.

    An engine that does not answer is asked again, for what it has not told yet.
    """

    def __init__(self, view: Widget, came: Callable[[], None]) -> None:
        self.finder: Finder | None = None
        self._view = view
        self._came = came

    def go_on_for(self, search: Search | None) -> None:
        """Find for this search from now on, and for no other one; None: for none."""
        self._view.workers.cancel_group(self._view, "search")
        if self.finder and search and search.candidates:
            ask = partial(self.finder, search.query)
            collect = partial(self._collect, ask, search.own_from - 1, search.candidates)
            replace_worker(self._view, collect, "search")

    async def _collect(
        self,
        ask: Callable[[int], AsyncIterator[Sequence[int]]],
        start: int,
        candidates: Candidates,
    ) -> None:
        """Take what is found from a line on backwards; where that breaks off, ask for the rest."""
        while not candidates.is_over:
            try:
                async for lines in ask(start):
                    candidates.offer(lines)
                    start = lines[-1] - 1
                    self._came()
                candidates.is_over = True
            except EngineUnreachable:
                await asyncio.sleep(RETRY_SECONDS)
        self._came()
