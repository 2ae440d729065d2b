"""A run that is in memory because it goes on, or because the file does not have all of it yet."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from taskengine.history.sqlite.rows import Standing
from taskengine.history.sqlite.stored_output import NOTHING_STORED, StoredOutput
from taskengine.output import OutputBuffer
from taskengine.run import Run, RunState


class Phase(Enum):
    """What this engine has to do with a run: it goes on, it has ended, or it was left in the queue
    for the next engine.
    """

    GOES_ON = auto()
    ENDED = auto()
    IN_QUEUE = auto()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be kept of a run. `begun`: its code may have begun."""

    run: Run
    begun: bool
    phase: Phase = Phase.GOES_ON

    @property
    def row(self) -> Run:
        """The run as the file is to have it."""
        if self.phase is not Phase.IN_QUEUE:
            return self.run
        return replace(
            self.run,
            state=RunState.QUEUED,
            started_at=None,
            ended_at=None,
            stopping=False,
            result=None,
            error=None,
        )

    def standing(self, engine: int) -> Standing:
        """What the engine of this number has to do with the run."""
        return Standing(engine=engine, begun=self.begun, open=self._is_open)

    @property
    def _is_open(self) -> bool:
        """Whether this engine or the next one has something to do for it."""
        if self.phase is Phase.IN_QUEUE or self.run.state is RunState.INTERRUPTED:
            return True
        return not self.run.state.is_final


@dataclass(slots=True, eq=False)
class Entry:
    """`facts` are replaced as a whole, on the engine's loop; `chars` are counted when the run ends.
    `was_left`: an earlier engine had it in its queue, and so the file has something of it. What
    else the file has of it belongs to the writer's thread: `payload_size` is None until it has
    anything, and when `is_filed`, only output can still come.
    """

    facts: Facts
    output: OutputBuffer
    was_left: bool = False
    chars: int = 0
    stored: StoredOutput = NOTHING_STORED
    payload_size: int | None = None
    is_filed: bool = False

    @property
    def id(self) -> int:
        """The number of the run."""
        return self.facts.run.id

    @property
    def has_row(self) -> bool:
        """Whether the file has at least its beginning."""
        return self.was_left or self.payload_size is not None

    def unstored_lines(self) -> int:
        """How many lines of output are waiting to be written."""
        return self.output.total - self.stored.lines
