"""What a call has to finish before it is over: its body, and all that it asked to wait for."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from taskengine.executors.executor import Outcome


class CallParts:
    """Counts the open parts of a call; sets `outcome` when the last one ends.

    The value is the body's; the error is that of the part that failed first.
    """

    def __init__(self, task_loop: asyncio.AbstractEventLoop) -> None:
        self.outcome: Future[Outcome] = Future()
        self.outcome.set_running_or_notify_cancel()  # nobody who waits for it can cancel it
        self._task_loop = task_loop
        self._lock = threading.Lock()
        self._open = 1
        self._pieces: list[Future[Outcome]] = []
        self._value: object = None
        self._error: BaseException | None = None

    def add(self, awaitable: Awaitable[object], *, is_result: bool = False) -> None:
        """Await something on the task loop as a part of the call. Called from any thread.

        Raises RuntimeError when the call is over.
        """
        with self._lock:
            if self._open == 0:
                raise RuntimeError("wait_until() was called after its run was over")
            self._open += 1
        piece = asyncio.run_coroutine_threadsafe(call_out(lambda: awaitable), self._task_loop)
        self._pieces.append(piece)
        piece.add_done_callback(lambda done: self._end(_outcome_of(done), is_result=is_result))

    def cancel(self) -> None:
        """Cancel what `add` was given."""
        for piece in tuple(self._pieces):
            piece.cancel()

    def end_body(self, outcome: Outcome) -> None:
        """The function itself has returned or raised."""
        self._end(outcome, is_result=True)

    def _end(self, part: Outcome, *, is_result: bool) -> None:
        with self._lock:
            self._error = self._error or part.error
            if is_result and part.value is not None:
                self._value = part.value
            self._open -= 1
            is_over = self._open == 0
        if is_over:
            self.outcome.set_result(Outcome(value=self._value, error=self._error))


async def call_out(function: Callable[[], object]) -> Outcome:
    """Call user code and await what it gives, with everything it may raise turned into a value."""
    try:
        value = function()
        return Outcome(value=await value if inspect.isawaitable(value) else value)
    except BaseException as error:  # noqa: BLE001 - SystemExit would end the loop, StopIteration confuse it
        return Outcome(error=error)


def _outcome_of(piece: Future[Outcome]) -> Outcome:
    if piece.cancelled():
        return Outcome(error=asyncio.CancelledError())
    return piece.result()
