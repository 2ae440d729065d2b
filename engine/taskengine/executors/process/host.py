"""What all runs in processes share: a loop on a thread of its own, slots, and a spare process."""

from collections.abc import Callable
from typing import TypeVar

from taskengine.errors import TaskFailed
from taskengine.executors.process.launch import Launcher
from taskengine.executors.process.slots import Slots
from taskengine.executors.process.spare import SpareProcess
from taskengine.threads.loop import LoopThread
from taskengine.threads.pool import DaemonPool

T = TypeVar("T")
MAX_PROCESSES = 32
_HELPERS = 4


class Host:
    """The loop's thread starts with `start`. `log_level` is what a task's root logger gets."""

    def __init__(self, launcher: Launcher, log_level: Callable[[], int | str]) -> None:
        self.spare = SpareProcess(launcher)
        self._launcher = launcher
        self.log_level = log_level
        self.slots = Slots(MAX_PROCESSES)
        self._loop = LoopThread("taskengine processes")
        self._helpers = DaemonPool(_HELPERS, "taskengine process helper")

    def start(self) -> None:
        """Start the thread."""
        self._loop.start()

    def stop(self) -> None:
        """End all processes, which is what the end of their channels does, and the thread."""
        self._loop.stop()
        self._helpers.close()
        self.spare.close()
        self._launcher.close()

    def post(self, action: Callable[[], None]) -> None:
        """Do something on the loop. Raises RuntimeError when that has ended."""
        self._loop.loop.call_soon_threadsafe(action)

    async def call(self, function: Callable[[], T]) -> T:
        """Call what may run users' code where it holds up no other run."""
        return await self._helpers.call(function)

    def no_process(self) -> TaskFailed:
        """The error of a run whose process could not be started."""
        words = self._launcher.last_words().strip()
        return TaskFailed(f"The process of the run could not be started\n{words}".strip())
