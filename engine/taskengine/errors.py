"""What can go wrong with a task, as exceptions that carry the HTTP status they answer with.

    TaskError
    ├── TaskNotFound        404  nothing of that name
    ├── TaskNotImplemented  501  the name is known, but nothing can be run
    ├── InvalidPayload      422  the payload is refused before anything runs
    ├── TaskCycle           409  the call would wait for its own ancestor
    ├── TaskSkipped         409  a run of the same key goes on, and the task says skip
    ├── TaskCancelled       499  the run was cancelled
    ├── TaskTimeout         504  the run took longer than its timeout
    ├── TaskFailed          500  the run failed without an exception of its own
    │   └── TaskCrashed     500  the process of the run died
    ├── RunNotFound         404  no run of that number is known any more
    ├── MissedFiresNotFound 404  they were run or dismissed already
    ├── EngineAlreadyRunning 409 the project belongs to another engine
    ├── HistoryTooNew       500  the history is in a form of a later version
    ├── NotPossible         501  an engine of this kind can't do that
    ├── EngineUnreachable   503  an engine elsewhere does not answer
    └── EngineNotRunning    503  the engine was not started, is stopping, or has died

An exception that a task raises itself reaches the caller as it is; it is none of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


class TaskError(Exception):
    """The root of what the engine raises. `status_code` is the HTTP status that says the same."""

    status_code = 500


class TaskNotFound(TaskError):
    """No task has this name. The wording is Nitro's, so that its clients recognise it."""

    status_code = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"Task `{name}` is not available!")
        self.name = name


class TaskNotImplemented(TaskError):
    """The task is known by name, but has no code that could run. The wording is Nitro's."""

    status_code = 501

    def __init__(self, name: str) -> None:
        super().__init__(f"Task `{name}` is not implemented!")
        self.name = name


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field of a payload: its path ("to.email", "items[2]") and a message.

    The path is empty where the payload as a whole is at fault.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidPayload(TaskError):
    """The payload is not a JSON object, holds something that JSON can't carry, or is not of the
    task's type; `faults` then names every field that is known to be wrong.
    """

    status_code = 422

    def __init__(self, message: str, faults: Sequence[FieldFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class TaskCycle(TaskError):
    """A run asked for a task that one of its own ancestors is running: it would wait for ever."""

    status_code = 409

    def __init__(self, chain: Sequence[str]) -> None:
        super().__init__(f"Tasks wait for each other: {' → '.join(chain)}")
        self.chain = tuple(chain)


class TaskSkipped(TaskError):
    """Another run of the same key goes on, and the task asked to be skipped then.

    `run_id` is the run that records it, `running_id` the one that goes on; an engine elsewhere
    does not say which records it, which is then 0.
    """

    status_code = 409

    def __init__(self, name: str, run_id: int, running_id: int) -> None:
        super().__init__(f"Task `{name}` was skipped: run #{running_id} is going on")
        self.run_id = run_id
        self.running_id = running_id


class TaskCancelled(TaskError):
    """The run was cancelled before it could finish."""

    status_code = 499


class TaskTimeout(TaskError, TimeoutError):
    """An attempt took longer than the task's timeout, in seconds."""

    status_code = 504

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The run took longer than {seconds:g} s")
        self.seconds = seconds


class TaskFailed(TaskError):
    """The run failed without an exception that a caller could be given.

    Raised for `sys.exit(3)`, for a `KeyboardInterrupt` or a `CancelledError` nobody asked for,
    for a result that JSON can't carry, and for whatever a task raised in a process of its own:
    the message then begins with the exception's name.
    """


class TaskCrashed(TaskFailed):
    """The process of the run died before it could say how the run ended."""


class RunNotFound(TaskError):
    """No run of this number is known, or it is not kept any more."""

    status_code = 404

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run #{run_id} is not known")
        self.run_id = run_id


class MissedFiresNotFound(TaskError):
    """No missed fires of this number are known: they were run, dismissed, or are too long ago."""

    status_code = 404

    def __init__(self, missed_id: int) -> None:
        super().__init__(f"Missed fires #{missed_id} are not known any more")
        self.missed_id = missed_id


class EngineNotRunning(TaskError):
    """The engine was not started, is stopping or has died, so it accepts no runs."""

    status_code = 503


class EngineUnreachable(TaskError):
    """An engine elsewhere does not answer: it is not there, or something is in between."""

    status_code = 503


class NotPossible(TaskError):
    """The engine is of a kind that can't do what was asked; the message says why."""

    status_code = 501


class EngineAlreadyRunning(TaskError):
    """Another engine is at work on the project; two would both fire its schedules.

    `pid` is its process, and `since` the instant at which it started (aware, UTC), as far as they
    are known. `socket` is where it can be reached, None if it can't be.
    """

    status_code = 409

    def __init__(
        self, root: Path, pid: int | None, since: datetime | None, socket: Path | None = None
    ) -> None:
        who = "an engine that runs already" if pid is None else f"the engine of process {pid}"
        when = f", which started {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        super().__init__(f"The project {root} belongs to {who}{when}")
        self.root = root
        self.pid = pid
        self.since = since
        self.socket = socket


class HistoryTooNew(TaskError):
    """The history was written by a newer version, which keeps it in a form not known here."""

    def __init__(self, path: Path, version: int, known: int) -> None:
        super().__init__(
            f"{path} was written by a newer taskconsole (its form is {version}, and {known} is the"
            " latest known here): install that version, or move the file away to begin anew"
        )
        self.path = path
        self.version = version
        self.known = known
