"""A call that ends before it begins, because it can't be made."""

from collections.abc import Awaitable
from concurrent.futures import Future

from taskengine.executors.ending import Ending


class Refusal:
    """An execution whose ending is known from the start."""

    def __init__(self, ending: Ending) -> None:
        self._known = ending
        self._ending: Future[Ending] = Future()
        self._ending.set_running_or_notify_cancel()

    @property
    def ending(self) -> Future[Ending]:
        """Set by `begin`."""
        return self._ending

    def begin(self) -> None:
        """End."""
        self._ending.set_result(self._known)

    def cancel(self) -> None:
        """There is nothing to stop."""

    def kill(self) -> None:
        """There is nothing to stop."""

    def wait_until(self, awaitable: Awaitable[object]) -> None:  # noqa: ARG002 - an execution has it
        """Raises RuntimeError: no code runs that could ask for it."""
        raise RuntimeError("wait_until() was called for a run that did not begin")
