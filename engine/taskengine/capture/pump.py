"""One thread that reads pipes and gives what comes to the outputs that it belongs to."""

import fcntl
import os
import select
import struct
import termios
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass

from taskengine.capture.sink import TextSink
from taskengine.output import OutputKind

_CHUNK = 65_536
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Inlet:
    """A pipe's reading end, and where its text belongs."""

    fd: int
    output: TextSink
    kind: OutputKind

    def read(self) -> int:
        """Take what is there, wait if nothing is; gives back 0 when no writer is left."""
        data = os.read(self.fd, _CHUNK)
        self.output.write_bytes(self.kind, data, self)
        return len(data)

    def waiting(self) -> int:
        """How many bytes can be read at this moment."""
        answer = fcntl.ioctl(self.fd, termios.FIONREAD, bytes(4))
        return int(struct.unpack("i", answer)[0])

    def is_over(self) -> bool:
        """Whether nothing is left to read and nobody is left to write."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return any(event & select.POLLHUP for _fd, event in poll.poll(0)) and not self.waiting()

    def close(self) -> None:
        """End the open line and the pipe."""
        self.finish_line()
        os.close(self.fd)

    def finish_line(self) -> None:
        """End the line that is left open."""
        self.output.finish_line(self.kind, self)


class Pump:
    """Reads any number of pipes until their writers are gone, or until it is stopped.

    The thread starts with the first pipe. Whoever writes never waits for a reader of the output.
    """

    def __init__(self) -> None:
        self._inlets: dict[int, Inlet] = {}
        self._poll = select.poll()
        self._requests: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake_reader = self._wake_writer = -1
        self._running = False

    def attach(self, fd: int, output: TextSink, kind: OutputKind) -> Inlet:
        """Read a pipe from now on; its descriptor belongs to the pump then."""
        inlet = Inlet(fd, output, kind)
        with self._lock:
            if self._thread is None:
                self._start()
            self._ask(lambda: self._add(inlet))
        return inlet

    def drain(self, inlets: Iterable[Inlet]) -> "Future[None]":
        """Done when all that stands in these pipes by now has reached its output as whole lines.

        That is everything that a process wrote which has ended, even where processes that it left
        behind keep the pipe open.
        """
        done: Future[None] = Future()
        with self._lock:
            if self._thread is None:
                done.set_result(None)
            else:
                self._ask(lambda: self._drain(inlets, done))
        return done

    def stop(self) -> None:
        """Read what is there, close every pipe and end the thread."""
        with self._lock:
            if self._thread is None:
                return
            self._ask(self._end)
            self._thread.join()
            self._thread = None
            self._poll.unregister(self._wake_reader)
            os.close(self._wake_reader)
            os.close(self._wake_writer)

    def _start(self) -> None:
        self._wake_reader, self._wake_writer = os.pipe()
        self._poll.register(self._wake_reader, select.POLLIN)
        self._running = True
        self._thread = threading.Thread(target=self._loop, name="taskengine output", daemon=True)
        Context().run(self._thread.start)

    def _ask(self, request: Callable[[], None]) -> None:
        self._requests.append(request)
        os.write(self._wake_writer, b"\0")

    def _loop(self) -> None:
        while self._running:
            for fd, _event in self._poll.poll():
                if fd == self._wake_reader:
                    os.read(fd, 1)
                    self._requests.popleft()()
                elif fd in self._inlets:
                    self._read(self._inlets[fd])

    def _add(self, inlet: Inlet) -> None:
        self._inlets[inlet.fd] = inlet
        self._poll.register(inlet.fd, _READABLE)

    def _read(self, inlet: Inlet) -> None:
        if not inlet.read():
            self._remove(inlet)

    def _remove(self, inlet: Inlet) -> None:
        self._poll.unregister(inlet.fd)
        del self._inlets[inlet.fd]
        inlet.close()

    def _drain(self, inlets: Iterable[Inlet], done: "Future[None]") -> None:
        for inlet in inlets:
            if self._inlets.get(inlet.fd) is inlet:
                self._read_waiting(inlet)
                inlet.finish_line()
        done.set_result(None)

    def _read_waiting(self, inlet: Inlet) -> None:
        rest = inlet.waiting()
        while rest > 0:
            rest -= inlet.read()
        if inlet.is_over():
            self._remove(inlet)

    def _end(self) -> None:
        for inlet in tuple(self._inlets.values()):
            self._read_waiting(inlet)
            if inlet.fd in self._inlets:
                self._remove(inlet)
        self._running = False
