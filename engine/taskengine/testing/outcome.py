"""What came of one run of a task."""

from collections.abc import Sequence
from dataclasses import dataclass

from taskengine.events import RunEnded, RunEvent, RunProgressed
from taskengine.output import OutputKind, OutputLine
from taskengine.run import JsonValue, Progress, Run, RunState

_STREAMS = frozenset({OutputKind.STDOUT, OutputKind.STDERR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run that is over, with all that it wrote and all that the engine told of it.

    `exception` is what a caller of `run_task` was given in place of a result. `events` has those of
    the runs that it started too.
    """

    run: Run
    exception: BaseException | None = None
    lines: Sequence[OutputLine] = ()
    events: Sequence[RunEvent] = ()

    @property
    def state(self) -> RunState:
        """The final state."""
        return self.run.state

    @property
    def result(self) -> JsonValue:
        """The result. Raises what the task raised, or what else its callers were given."""
        if self.exception is not None:
            raise self.exception
        return self.run.result

    @property
    def text(self) -> str:
        """What was written to standard output and standard error, without the last line break."""
        return "\n".join(line.text for line in self.lines if line.kind in _STREAMS)

    @property
    def logs(self) -> list[OutputLine]:
        """The records that were logged, each with its level as `kind`, and with its `logger`."""
        others = _STREAMS | {OutputKind.NOTE}
        return [line for line in self.lines if line.kind not in others]

    @property
    def progress(self) -> list[Progress]:
        """What the task has told of its progress, in order."""
        told = [one.run for one in self.events if isinstance(one, RunProgressed)]
        return [run.progress for run in told if run.id == self.run.id and run.progress]

    @property
    def children(self) -> list[Run]:
        """The runs that the task has started, in the order in which they ended."""
        ended = [one.run for one in self.events if isinstance(one, RunEnded)]
        return [run for run in ended if run.parent_id == self.run.id]
