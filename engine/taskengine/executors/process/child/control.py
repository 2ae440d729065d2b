"""What a running task may ask of the engine, from a process of its own."""

import asyncio
import itertools
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from taskengine.errors import EngineNotRunning, InvalidPayload
from taskengine.executors.process.child.messenger import Messenger
from taskengine.executors.process.messages import Answer, Call, ProgressReport, encodable
from taskengine.executors.process.sent_errors import received_error
from taskengine.jsonvalue import NotJson, to_json
from taskengine.run import JsonValue, Payload, Progress


class ChildControl:
    """Asks the engine by messages. The thread that takes its answers starts with the first call."""

    def __init__(
        self, messenger: Messenger, wait_until: Callable[[Awaitable[object]], None]
    ) -> None:
        self._messenger = messenger
        self.wait_until = wait_until
        self._process = os.getpid()
        self._ids = itertools.count(1)
        self._calls: dict[int, Future[JsonValue]] = {}
        self._lock = threading.Lock()
        self._listener: threading.Thread | None = None

    def report_progress(self, progress: Progress) -> None:
        """Tell how far the run is."""
        report = ProgressReport(done=progress.done, total=progress.total, message=progress.message)
        self._messenger.send(report)

    async def run_task(self, name: str, payload: Payload | None) -> JsonValue:
        """Run another task as a child of this run."""
        return await asyncio.wrap_future(self._call(name, payload))

    def run_task_blocking(self, name: str, payload: Payload | None) -> JsonValue:
        """Do the same from a sync body."""
        if asyncio._get_running_loop() is not None:  # noqa: SLF001 - get_running_loop() raises
            raise RuntimeError("run_task_blocking() would block the event loop: await run_task()")
        return self._call(name, payload).result()

    def _call(self, name: str, payload: Payload | None) -> Future[JsonValue]:
        if os.getpid() != self._process:
            raise RuntimeError("run_task() works in the run's own process, not in a fork of it")
        checked = _checked(payload)
        future: Future[JsonValue] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            number = next(self._ids)
            self._calls[number] = future
            self._listen()
        self._messenger.send(Call(id=number, task=encodable(str(name)), payload=checked))
        return future

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = threading.Thread(
                target=self._take_answers, name="taskengine answers", daemon=True
            )
            self._listener.start()

    def _take_answers(self) -> None:
        for message in self._messenger.receive():
            if isinstance(message, Answer) and (call := self._calls.pop(message.id, None)):
                if message.error is None:
                    call.set_result(message.result)
                else:
                    call.set_exception(received_error(message.error))
        while self._calls:
            _, call = self._calls.popitem()
            call.set_exception(EngineNotRunning("The engine of this run is gone"))


def _checked(payload: Payload | None) -> Payload:
    try:
        converted = to_json(payload or {}, "payload")
    except NotJson as error:
        raise InvalidPayload(str(error)) from None
    if not isinstance(converted, dict):
        raise InvalidPayload(f"The payload must be an object, not {type(payload).__name__}")
    return converted
