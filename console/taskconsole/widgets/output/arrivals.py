"""Sends for lines that a view wants and that are not at hand, one stretch after the other."""

import asyncio
from collections.abc import Callable
from functools import partial

from textual.widget import Widget
from textual.worker import Worker, WorkType

from taskconsole.widgets.output.reading import bring, is_at_hand
from taskengine.errors import TaskError
from taskengine.output import Output

RETRY_SECONDS = 1.0


class Arrivals:
    """Lines of an output on their way to a view. `wanted` says which it wants most, None for none;
    `came` is called when these can be read, or may be.

    An engine that does not answer is asked again, for what is wanted by then.
    """

    def __init__(
        self,
        view: Widget,
        output: Callable[[], Output],
        wanted: Callable[[], range | None],
        came: Callable[[], None],
    ) -> None:
        self._view = view
        self._output = output
        self._wanted = wanted
        self._came = came
        self._worker: Worker[None] | None = None

    def send(self) -> None:
        """Have come what is wanted, unless lines are on their way already."""
        lines = self._wanted()
        if lines is not None and (self._worker is None or self._worker.is_finished):
            begin: WorkType[None] = partial(self._bring, lines)
            self._worker = self._view.run_worker(begin, group="lines")

    def forget(self) -> None:
        """Wait for no more lines: another output is shown."""
        if self._worker:
            self._worker.cancel()
        self._worker = None

    async def _bring(self, first: range) -> None:
        lines: range | None = first
        while lines is not None:
            if not await self._is_brought(lines):
                await asyncio.sleep(RETRY_SECONDS)
            self._came()
            lines = self._wanted()

    async def _is_brought(self, lines: range) -> bool:
        output = self._output()
        try:
            await bring(output, output.extent, lines.start, lines.stop)
        except TaskError:  # it does not answer, or has forgotten the run
            return False
        return is_at_hand(output, output.extent, lines.start, lines.start + 1)
