"""A task's end of the messages to and from the engine."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from taskengine.errors import EngineNotRunning
from taskengine.executors.process.child.descriptors import KnownFile, write_all
from taskengine.executors.process.messages import FromEngine, FromTask, MessageDecoder, encode

_CHUNK = 65_536
_INTERRUPTS = frozenset({signal.SIGINT, signal.SIGTERM})


class Messenger:
    """Sends from any thread, receives on one at a time."""

    def __init__(self, fd: int) -> None:
        self._file = KnownFile(fd)
        self._decoder = MessageDecoder(FromEngine)
        self._sending = threading.RLock()

    def send(self, message: FromTask) -> None:
        """Send a message, whole. Raises EngineNotRunning if nobody is there to take it."""
        data = encode(message)
        with _uninterrupted(), self._sending:
            self._expect_connection()
            try:
                write_all(self._file.fd, data)
            except OSError as error:
                raise EngineNotRunning("The engine of this run is gone") from error

    def receive(self) -> Iterator[FromEngine]:
        """The messages as they come, until the engine is gone."""
        while self._file.is_intact:
            try:
                data = os.read(self._file.fd, _CHUNK)
            except OSError:
                return
            if not data:
                return
            yield from self._decoder.feed(data)

    def _expect_connection(self) -> None:
        if not self._file.is_intact:
            raise EngineNotRunning("The task has closed its connection to the engine")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let no KeyboardInterrupt cut a message in two."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
