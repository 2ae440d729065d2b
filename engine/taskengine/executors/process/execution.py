"""One call of a task's function in a process of its own, as the rest of the engine sees it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from taskengine.executors.ending import Ending, ending_of, failed_ending, interrupted_ending
from taskengine.executors.executor import Job
from taskengine.executors.process.host import Host
from taskengine.project.origin import CodeOrigin

if TYPE_CHECKING:
    from taskengine.executors.process.supervision import Supervision


class ProcessExecution:
    """Everything happens on the host's loop; the methods only ask for it, from any thread."""

    def __init__(self, job: Job, origin: CodeOrigin, host: Host) -> None:
        self._job = job
        self._origin = origin
        self._host = host
        self._ending: Future[Ending] = Future()
        self._ending.set_running_or_notify_cancel()  # nobody who waits for it can cancel it
        self._task: asyncio.Task[None] | None = None
        self._supervision: Supervision | None = None

    @property
    def ending(self) -> Future[Ending]:
        """Set when nothing is left of the process, and all that it wrote has arrived."""
        return self._ending

    def begin(self) -> None:
        """Start the process when there is room for one more."""
        try:
            self._host.post(self._begin)
        except RuntimeError:
            self._ending.set_result(interrupted_ending())

    def cancel(self) -> None:
        """SIGTERM now, which sets `context.cancelled` and cancels an `async` task; SIGINT after
        0.4 s, which raises KeyboardInterrupt; SIGKILL after 0.8 s.
        """
        self._post(self._cancel)

    def kill(self) -> None:
        """SIGKILL, now, to the process and to all that it has started."""
        self._post(self._kill)

    def wait_until(self, awaitable: Awaitable[object]) -> None:  # noqa: ARG002 - an execution has it
        """Raises RuntimeError: the task's own process does that."""
        raise RuntimeError("wait_until() works in the run's own process")

    def _post(self, action: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and every process with it
            self._host.post(action)

    def _begin(self) -> None:
        try:
            # Imported here, on the host's thread: on the engine's it would hold up all else.
            from taskengine.executors.process.supervision import Supervision

            self._supervision = Supervision(self._job, self._origin, self._host)
        except Exception as error:  # noqa: BLE001 - such as no descriptor left to read a module with
            self._ending.set_result(failed_ending(error))
            return
        self._task = asyncio.get_running_loop().create_task(self._conduct(self._supervision))

    def _cancel(self) -> None:
        if self._supervision is not None:
            self._supervision.cancel()

    def _kill(self) -> None:
        if self._supervision is not None:
            self._supervision.kill()

    async def _conduct(self, supervision: "Supervision") -> None:
        try:
            ending = await supervision.run()
        except asyncio.CancelledError:  # the host stops
            ending = interrupted_ending()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run must end
            ending = ending_of(None, error)
        self._ending.set_result(ending)
