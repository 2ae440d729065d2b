"""What a call has to finish before it is over: its body, and all that it asked to wait for."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass

from taskengine.executors.ending import Ending, ending_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a part came to: a value or an exception. A value because not every exception may be set
    on a future (`StopIteration`), nor may pass through an event loop (`SystemExit`).
    """

    value: object = None
    error: BaseException | None = None


CANCELLED = Outcome(error=asyncio.CancelledError())


class CallParts:
    """Counts the open parts of a call; sets `ending` when the last one ends.

    The value is the body's; the error is that of the part that failed first.
    """

    def __init__(self, task_loop: asyncio.AbstractEventLoop) -> None:
        self.ending: Future[Ending] = Future()
        self.ending.set_running_or_notify_cancel()  # nobody who waits for it can cancel it
        self._task_loop = task_loop
        self._lock = threading.Lock()
        self._open = 1
        self._is_cancelled = False
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
            piece = asyncio.run_coroutine_threadsafe(call_out(lambda: awaitable), self._task_loop)
            self._open += 1
            self._pieces.append(piece)
            is_late = self._is_cancelled
        piece.add_done_callback(lambda done: self._end(_outcome_of(done), is_result=is_result))
        if is_late:
            piece.cancel()

    def cancel(self) -> None:
        """Cancel what `add` was given, and what it will be given."""
        with self._lock:
            self._is_cancelled = True
            pieces = tuple(self._pieces)
        for piece in pieces:
            piece.cancel()

    def end_body(self, outcome: Outcome) -> None:
        """The function itself has returned or raised."""
        self._end(outcome, is_result=True)

    def _end(self, part: Outcome, *, is_result: bool) -> None:
        with self._lock:
            if self._error is None:
                self._error = part.error
            if is_result and part.value is not None:
                self._value = part.value
            self._open -= 1
            is_over = self._open == 0
        if is_over:
            self.ending.set_result(ending_of(self._value, self._error))


async def call_out(function: Callable[[], object]) -> Outcome:
    """Call user code and await what it gives, with everything it may raise turned into a value."""
    try:
        value = function()
        return Outcome(value=await value if inspect.isawaitable(value) else value)
    except BaseException as error:  # noqa: BLE001 - SystemExit would end the loop, StopIteration confuse it
        return Outcome(error=error)


def _outcome_of(piece: Future[Outcome]) -> Outcome:
    return CANCELLED if piece.cancelled() else piece.result()
