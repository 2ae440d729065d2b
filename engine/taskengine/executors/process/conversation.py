"""What is said between the engine and a task's process, from the engine's side."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from taskengine.executors.process.messages import (
    Answer,
    Call,
    End,
    FromTask,
    MessageDecoder,
    ProgressReport,
    encode,
)
from taskengine.executors.process.sent_errors import sent_error
from taskengine.executors.process.slots import Loan, Slots
from taskengine.run import Progress
from taskengine.task import RunControl


class Conversation:
    """Hears the task and answers it. `on_end` is told once what the task's process says at its end.

    Belongs to one event loop. While the task waits for another one, its slot is lent.
    """

    def __init__(
        self,
        connection: socket.socket,
        control: RunControl,
        slots: Slots,
        on_end: Callable[[End], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._control = control
        self._loan = Loan(slots)
        self._on_end = on_end
        self._decoder = MessageDecoder(FromTask)
        self._sending = asyncio.Lock()
        self._work: set[asyncio.Task[None]] = set()

    def send(self, message: bytes) -> None:
        """Send an encoded message, as fast as it is read."""
        self._spawn(self._send(message))

    def take(self, data: bytes) -> None:
        """Take the next bytes from the task. Of progress that comes at once the last one counts."""
        progress: ProgressReport | None = None
        for message in self._decoder.feed(data):
            match message:
                case ProgressReport():
                    progress = message
                case Call():
                    self._spawn(self._answer(message))
                case End():
                    self._on_end(message)
        if progress is not None:
            self._control.report_progress(
                Progress(done=progress.done, total=progress.total, message=progress.message)
            )

    def close(self) -> None:
        """Say no more. Tasks that were called go on."""
        for work in self._work:
            work.cancel()

    async def _answer(self, call: Call) -> None:
        try:
            with self._loan.open():
                result = await self._control.run_task(call.task, call.payload)
            answer = encode(Answer(id=call.id, result=result))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - what a task raised is its caller's to handle
            answer = encode(Answer(id=call.id, error=sent_error(error)))
        await self._send(answer)

    async def _send(self, message: bytes) -> None:
        with suppress(OSError):  # the process may be gone
            async with self._sending:  # or two messages at a time would mix
                await self._loop.sock_sendall(self._connection, message)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
