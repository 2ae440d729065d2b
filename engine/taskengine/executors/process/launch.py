"""Two ways to start a run's processes: by a fork server, and by fresh interpreters."""

import asyncio
import contextlib
import socket
import subprocess
from typing import Protocol

from taskengine.executors.process.boot import start_interpreter
from taskengine.executors.process.byte_reader import ByteReader
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
        self._server: Interpreter | None = None
        self._last_words = ""

    def launch(self, channels: Channels) -> None:
        """Send a request to the server, and to a new one if that has died."""
        if not self._request(channels):
            self._request(channels)

    def _request(self, channels: Channels) -> bool:
        connection = self._socket or self._start()
        try:
            socket.send_fds(connection, [_REQUEST], channels.other_fds)
        except OSError:
            self._end()
            return False
        return True

    def _start(self) -> socket.socket:
        with contextlib.ExitStack() as undo:
            connection, other = map(undo.enter_context, socket.socketpair())
            self._server = Interpreter(start_interpreter(_SERVER, [other.fileno()]))
            other.close()
            undo.pop_all()
        connection.settimeout(_SEND_SECONDS)
        self._socket = connection
        return connection

    def last_words(self) -> str:
        """The end of what the server wrote to its standard error."""
        return self._server.last_words() if self._server else self._last_words

    def close(self) -> None:
        """End the server."""
        self._end()

    def _end(self) -> None:
        connection, server = self._socket, self._server
        self._socket = self._server = None
        if connection is not None:
            connection.close()
        if server is not None:
            self._last_words = server.end()


class SpawnLauncher:
    """Starts two fresh interpreters for each run, where forking is not possible or not safe."""

    def __init__(self) -> None:
        self._keepers: list[Interpreter] = []
        self._last_words = ""

    def launch(self, channels: Channels) -> None:
        """Start a keeper."""
        self._forget_ended()
        self._keepers.append(Interpreter(start_interpreter(_SPAWNED, channels.other_fds)))

    def last_words(self) -> str:
        """The end of what the last keeper wrote to its standard error."""
        return self._keepers[-1].last_words() if self._keepers else self._last_words

    def close(self) -> None:
        """Wait for the keepers, whose runs are over."""
        for keeper in self._keepers:
            self._last_words = keeper.end()
        self._keepers.clear()

    def _forget_ended(self) -> None:
        for keeper in [one for one in self._keepers if one.has_ended()]:
            self._keepers.remove(keeper)
            self._last_words = keeper.end()


class Interpreter:
    """One that was started. What it says is read at once: it must never wait for room to say more,
    as one that tells of every import would.
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        self._process = process
        self._said = b""
        loop = asyncio.get_running_loop()
        self._reader = ByteReader(loop, process.stderr.fileno(), self._hear)

    def _hear(self, data: bytes) -> None:
        self._said = (self._said + data)[-_TAIL:]

    def last_words(self) -> str:
        """The end of what it has written to its standard error until now."""
        self._reader.drain()
        return self._said.decode("utf-8", "backslashreplace")

    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    def end(self) -> str:
        """Wait for one that ends by itself, or make it; gives back its last words."""
        with self._process:
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            words = self.last_words()
            self._reader.close()
            return words
