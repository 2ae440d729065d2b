"""The output of a run that went wrong, with its traceback where the run ended."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from taskconsole import marks
from taskengine.output import Output, OutputExtent, OutputKind, line_prefix
from taskengine.run import Run


@runtime_checkable
class Distant(Protocol):
    """An output of an engine elsewhere: there may be more of it than is known here."""

    @property
    def is_over(self) -> bool:
        """Whether all that was written is known, and nothing will be any more."""


def is_whole(output: Output) -> bool:
    """Whether what a run that is over has written is all known here."""
    return not isinstance(output, Distant) or output.is_over


def with_traceback(run: Run, output: Output, root: Path | None = None) -> Output:
    """The output as it is to be read: a failure is told in it, below what the run wrote.

    Files below `root` are called by their paths from there.
    """
    if run.state not in marks.WENT_WRONG or run.error is None:
        return output
    if "\n" not in run.error.traceback.strip():  # without frames it says what the outcome says
        return output
    ended = int(run.ended_at.timestamp() * 1000) if run.ended_at else 0
    prefix = line_prefix(ended, OutputKind.ERROR)
    traceback = run.error.traceback.rstrip("\n")
    if root is not None:
        traceback = traceback.replace(f'File "{root}/', 'File "')
    lines = traceback.split("\n")
    return OutputWithInsertion(output, [prefix + line for line in lines])


class OutputWithInsertion:
    """An output with encoded lines put in behind those that were written up to now.

    What is written later, by threads that outlive their run, comes after them.
    """

    def __init__(self, output: Output, lines: Sequence[str]) -> None:
        self._output = output
        self._lines = list(lines)
        self._at = output.extent.total

    @property
    def extent(self) -> OutputExtent:
        """Which lines can be read; those put in are dropped with the lines around them."""
        extent = self._output.extent
        start, end, size = extent.gap_start, extent.gap_end, len(self._lines)
        is_in_head = start >= self._at
        if is_in_head:
            start += size
        if is_in_head or end > self._at:
            end += size
        return OutputExtent(extent.total + size, start, end)

    @property
    def partial(self) -> str:
        """What was written after the last line break."""
        return self._output.partial

    def has(self, start: int, stop: int) -> bool:
        """Whether lines are at hand."""
        parts = filter(None, self._around(start, stop))
        return all(self._output.has(part.start, part.stop) for part in parts)

    async def fetch(self, start: int, stop: int) -> None:
        """Return when lines are at hand."""
        for part in filter(None, self._around(start, stop)):
            await self._output.fetch(part.start, part.stop)

    def _around(self, start: int, stop: int) -> tuple[range, range]:
        """Which of the output's own lines these are: before those put in, and after."""
        size = len(self._lines)
        return range(start, min(stop, self._at)), range(max(start - size, self._at), stop - size)

    def read(self, start: int, stop: int) -> list[str]:
        """The encoded lines from `start` up to `stop`, without those dropped or not yet written."""
        extent, at = self.extent, self._at
        are_dropped = extent.gap_start <= at < extent.gap_end
        own = [] if are_dropped else self._lines[max(start - at, 0) : max(stop - at, 0)]
        before, after = self._around(start, stop)
        read = self._output.read
        return read(before.start, before.stop) + own + read(after.start, after.stop)
