"""What a command needs of an engine to run a task and to see how it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

from taskengine.output import Output, OutputLine
from taskengine.run import Payload, Run

_MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a run's output, `following` is the number of the line after them, `dropped` how
    many before them are not kept. `is_last`: the run is over, and there are no more.
    """

    lines: Sequence[OutputLine]
    following: int
    dropped: int = 0
    is_last: bool = False


def piece_at(output: Output, start: int, *, is_over: bool = False) -> Piece:
    """What an output holds from line `start` on; `is_over`: there will never be more."""
    extent = output.extent
    first = extent.gap_end if extent.gap_start <= start < extent.gap_end else start
    stop = min(extent.total, first + _MOST_LINES)
    if first < extent.gap_start < stop:
        stop = extent.gap_start
    lines = [OutputLine.decode(line) for line in output.read(first, stop)]
    following = max(stop, first)
    return Piece(lines, following, first - start, is_over and following >= extent.total)


class RunHost(Protocol):
    """Starts runs and tells how they go. For one thread, but for `cancel` and `abandon`."""

    stderr: TextIO
    """Where narration goes, whatever an engine in this process has done to the streams."""
    outlives: bool
    """Whether runs go on when this process has ended."""

    @property
    def grace(self) -> float:
        """How many seconds a run that is cancelled has to end in, before it is left."""

    def start(self, task: str, payload: Payload) -> Run:
        """Run a task. Raises what `Handle.start_run` raises."""

    def rerun(self, run_id: int) -> Run:
        """Run a task again with the payload of an earlier run. Raises RunNotFound."""

    def run(self, run_id: int) -> Run:
        """A run as it stands now. Raises RunNotFound."""

    def piece(self, run_id: int, start: int, patience: float) -> Piece:
        """What a run has written from line `start` on. If there is nothing yet, it may wait for as
        many seconds, or less. Raises EngineUnreachable.
        """

    def aside(self) -> Sequence[OutputLine]:
        """What was written since the last call by code that belongs to no run."""

    def cancel(self, run_id: int) -> None:
        """Ask a run to stop, and don't wait for it. Raises nothing."""

    def abandon(self) -> None:
        """Let go of everything at once, as far as nothing of the history is lost by it."""

    def names(self) -> Sequence[str]:
        """The tasks there are."""

    def fault_of(self, task: str) -> str:
        """What is wrong with a task, and where; empty if nothing is."""
