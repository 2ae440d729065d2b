"""Two ways to start a run's processes: by a fork server, and by fresh interpreters."""

import contextlib
import os
import socket
import subprocess
from typing import Protocol

from taskengine.executors.process.boot import start_interpreter
from taskengine.executors.process.channels import Channels

# By name: what only other processes need is not imported in this one.
_SERVER = "taskengine.executors.process.server"
_SPAWNED = "taskengine.executors.process.spawned"
_REQUEST = b"+"
_SEND_SECONDS = 1.0
_STOP_SECONDS = 3.0  # longer than a keeper needs at the most
_TAIL = 4_096


class Launcher(Protocol):
    """Starts keepers. Belongs to one event loop; `close` may be called when that has ended."""

    def launch(self, channels: Channels) -> None:
        """Have a keeper started that has the other ends. If that fails, nobody will have them; the
        next launch may succeed. Raises OSError if there is no interpreter to start.
        """

    def last_words(self) -> str:
        """What the interpreter that starts keepers has said of its own failure, if it has."""

    def close(self) -> None:
        """Start no more keepers; those that are at work end when their channels are closed."""


class ForkLauncher:
    """Uses a fork server, which begins with the first run; a new one when it has died."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._last_words = b""

    def launch(self, channels: Channels) -> None:
        """Send a request to the server, and to a new one if that has died."""
        if not self._request(channels):
            self._request(channels)

    def _request(self, channels: Channels) -> bool:
        connection = self._socket or self._start()
        self._listen()
        try:
            socket.send_fds(connection, [_REQUEST], channels.other_fds)
        except OSError:
            self._end()
            return False
        return True

    def _start(self) -> socket.socket:
        with contextlib.ExitStack() as undo:
            connection, other = map(undo.enter_context, socket.socketpair())
            self._process = start_interpreter(_SERVER, [other.fileno()])
            other.close()
            undo.pop_all()
        connection.settimeout(_SEND_SECONDS)
        self._socket = connection
        return connection

    def last_words(self) -> str:
        """The end of what the server wrote to its standard error."""
        self._listen()
        return self._last_words.decode("utf-8", "backslashreplace")

    def _listen(self) -> None:
        """Read what was said since, so that there is room for more."""
        if self._process is not None:
            self._last_words = _words_of(self._process) or self._last_words

    def close(self) -> None:
        """End the server."""
        self._end()

    def _end(self) -> None:
        connection, process = self._socket, self._process
        self._socket = self._process = None
        if connection is not None:
            connection.close()
        if process is not None:
            self._last_words = _reap(process) or self._last_words


class SpawnLauncher:
    """Starts two fresh interpreters for each run, where forking is not possible or not safe."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._last_words = b""

    def launch(self, channels: Channels) -> None:
        """Start a keeper."""
        self._forget_ended()
        self._processes.append(start_interpreter(_SPAWNED, channels.other_fds))

    def last_words(self) -> str:
        """The end of what the last keeper wrote to its standard error."""
        for process in self._processes[-1:]:
            self._last_words = _words_of(process) or self._last_words
        return self._last_words.decode("utf-8", "backslashreplace")

    def close(self) -> None:
        """Wait for the keepers, whose runs are over."""
        for process in self._processes:
            self._last_words = _reap(process)
        self._processes.clear()

    def _forget_ended(self) -> None:
        for process in [one for one in self._processes if one.poll() is not None]:
            self._processes.remove(process)
            self._last_words = _reap(process)


def _reap(process: "subprocess.Popen[bytes]") -> bytes:
    """Wait for a process that ends by itself, or make it; gives back its last words."""
    with process:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        return _words_of(process)


def _words_of(process: "subprocess.Popen[bytes]") -> bytes:
    """The end of what it has written to its standard error since the last time."""
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    return (process.stderr.read() or b"")[-_TAIL:]
