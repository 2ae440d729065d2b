"""What the user of an attached console does about an engine that is away: start one here."""

from collections.abc import Callable
from typing import Protocol

from taskconsole.engine_news import where
from taskconsole.keymap.anywhere import START_KEY
from taskconsole.notices import Notice, Tell
from taskengine.client.handle import Handle
from taskengine.client.views import EngineStatus
from taskengine.errors import EngineAlreadyRunning, TaskError
from taskengine.events import EngineState

_REFUSED = "No engine was started"


class TakesProject(Protocol):
    """Makes a project this process's own."""

    async def take(self, ended: int | None, waits: Callable[[], None]) -> None:
        """Hold the project, for an engine to come. `ended` is the process of the one before, which
        may need a moment to let go; `waits` is called once if that takes longer.

        Raises EngineAlreadyRunning, HistoryTooNew.
        """


class TakeOver:
    """Takes the project for this console, if that can be."""

    def __init__(self, project: TakesProject | None, handle: Handle, tell: Tell) -> None:
        """`project` is None where no engine can be started: it is not known, or not here."""
        self._project = project
        self._handle = handle
        self._tell = tell
        self._is_at_it = False

    @property
    def key(self) -> str:
        """What starts an engine here while the one elsewhere is away; empty: nothing does."""
        return START_KEY if self._project else ""

    @property
    def can_start(self) -> bool:
        """Whether the engine is away, and another one could be started."""
        is_away = self._handle.status.state is EngineState.UNREACHABLE
        return self._project is not None and is_away and not self._is_at_it

    async def take(self) -> bool:
        """Make the project this console's own; if that can't be, tell why, and give back False."""
        if not self.can_start or self._project is None:
            return False
        self._is_at_it = True
        status = self._handle.status
        try:
            await self._project.take(status.pid, lambda: self._tell(_of_wait(status)))
        except EngineAlreadyRunning as error:
            self._tell_taken(error, status)
            return False
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), _REFUSED, "error"))
            return False
        finally:
            self._is_at_it = False
        return True

    def _tell_taken(self, error: EngineAlreadyRunning, before: EngineStatus) -> None:
        if error.pid is None:
            self._tell(Notice(str(error), _REFUSED, "error"))
        elif error.pid != before.pid:
            words = f"pid {error.pid} has the project by now: this console goes over to its engine."
            self._tell(Notice(words, "Another engine was started", "warning"))
        elif self._handle.status.state is EngineState.UNREACHABLE:
            self._tell(_of_silence(error.pid))


def _of_wait(status: EngineStatus) -> Notice:
    return Notice(f"waiting until {where(status)} lets go of the project …")


def _of_silence(pid: int) -> Notice:
    words = (
        f"pid {pid} does not answer, but it lives and holds the project.\n"
        f"If it was stopped, as by ctrl+z, `fg` there lets it go on; `kill -9 {pid}` ends it."
    )
    return Notice(words, _REFUSED, "error")
