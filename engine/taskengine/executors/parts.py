"""What a call has to finish before it is over: its body, and all that it asked to wait for."""

import asyncio
import contextlib
import inspect
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass

from taskengine.executors.ending import Ending, ending_of
from taskengine.threads.forked import end_if_forked


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
        self._pieces: set[asyncio.Task[Outcome]] = set()  # belongs to the task loop
        self._value: object = None
        self._error: BaseException | None = None

    def add(self, awaitable: Awaitable[object], *, is_result: bool = False) -> None:
        """Await something on the task loop as a part of the call. Called from any thread.

        Raises RuntimeError when the call is over, TypeError for what can't be awaited.
        """
        if not inspect.isawaitable(awaitable):
            raise TypeError(f"wait_until() takes an awaitable, not {type(awaitable).__name__}")
        with self._lock:
            if self._open == 0:
                raise RuntimeError("wait_until() was called after its run was over")
            self._task_loop.call_soon_threadsafe(self._begin_piece, awaitable, is_result)
            self._open += 1

    def cancel(self) -> None:
        """Cancel what `add` was given, and what it will be given."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and all that was on it
            self._task_loop.call_soon_threadsafe(self._cancel_pieces)

    def _begin_piece(self, awaitable: Awaitable[object], is_result: bool) -> None:
        piece = self._task_loop.create_task(call_out(lambda: awaitable))
        self._pieces.add(piece)
        piece.add_done_callback(lambda done: self._end_piece(done, is_result=is_result))
        if self._is_cancelled:
            self._cancel_piece(piece)

    def _end_piece(self, piece: asyncio.Task[Outcome], *, is_result: bool) -> None:
        self._pieces.discard(piece)
        self._end(CANCELLED if piece.cancelled() else piece.result(), is_result=is_result)

    def _cancel_pieces(self) -> None:
        self._is_cancelled = True
        for piece in self._pieces:
            self._cancel_piece(piece)

    def _cancel_piece(self, piece: asyncio.Task[Outcome]) -> None:
        """Not before its first step: a coroutine that was never begun is a warning."""
        self._task_loop.call_soon(piece.cancel)

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
    process = os.getpid()
    try:
        value = function()
        outcome = Outcome(value=await value if inspect.isawaitable(value) else value)
    except BaseException as error:  # noqa: BLE001 - SystemExit would end the loop, StopIteration confuse it
        outcome = Outcome(error=error)
    end_if_forked(process, outcome.error)
    return outcome
