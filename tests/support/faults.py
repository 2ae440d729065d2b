"""Faults of the history's disk and file, made to order."""

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

Fault = Callable[[], Exception]


def sqlite_error(code: int, words: str = "made to order") -> sqlite3.Error:
    """What Python raises where SQLite gives an error code."""
    damaged = code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    error = sqlite3.DatabaseError(words) if damaged else sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


class Disk:
    """Hands out connections to real files, whose statements fail for as long as it says so.

    Pass `disk.connect` for the `connect` of a writer or reader. From any thread.
    """

    def __init__(self) -> None:
        self.connections: list[FaultyConnection] = []
        self._beginning = ""
        self._fault: Fault | None = None
        self._rolls_back = False
        self._tried: list[str] = []
        self._more = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_statement: Callable[[str], str | None] = lambda statement: None

    def connect(self, uri: str, timeout: float) -> Connection:
        connection = sqlite3.connect(
            uri,
            timeout=timeout,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
            factory=FaultyConnection,
        )
        assert isinstance(connection, FaultyConnection)
        connection.disk = self
        self.connections.append(connection)
        return connection

    def fail(self, beginning: str, fault: Fault, *, rolls_back: bool = False) -> None:
        """Let statements that begin so fail, and before that, as some faults do, roll back."""
        self._beginning, self._rolls_back, self._fault = beginning, rolls_back, fault

    def mend(self) -> None:
        """Let all statements succeed."""
        self._fault = None

    def watch(self, on_statement: Callable[[str], str | None]) -> None:
        """Be told of each statement before it is done; give one to be done in its place."""
        self._on_statement = on_statement

    async def until(self, condition: Callable[[Sequence[str]], bool]) -> None:
        """Return when something is so of all the statements that were tried, as far as their first
        40 characters say.
        """
        self._loop = asyncio.get_running_loop()
        while not condition(self._tried):
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)

    def note(self, statement: str) -> None:
        """Keep that a statement was tried."""
        self._tried.append(statement[:40])
        if self._loop is not None:
            with suppress(RuntimeError):  # that loop is closed
                self._loop.call_soon_threadsafe(self._more.set)

    def check(self, connection: Connection, statement: str) -> str:
        """The statement to be done. Raises the fault that was ordered for it."""
        other = self._on_statement(statement)
        fault = self._fault
        if fault is not None and statement.startswith(self._beginning):
            if self._rolls_back and connection.in_transaction:
                sqlite3.Connection.execute(connection, "ROLLBACK")
            raise fault()
        return statement if other is None else other


class FaultyConnection(Connection):
    """A connection that asks its disk first."""

    disk: Disk

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(self.disk.check(self, sql), parameters)
        finally:
            self.disk.note(sql)

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        return super().executemany(self.disk.check(self, sql), parameters)


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """A real disk of so many bytes. Skips the test where none may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        options = f"size={size},mode=0700"
        if not _mounts("-t", "tmpfs", "-o", options, "tmpfs", folder):
            pytest.skip("no small disk can be mounted here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def resize(disk: Path, size: int) -> None:
    """Let a mounted disk have so many bytes."""
    assert _mounts("-o", f"remount,size={size}", str(disk))


def set_read_only(disk: Path, *, read_only: bool) -> None:
    """Make a mounted disk read-only, or writable again; no file on it may be open for writing."""
    mode = "ro" if read_only else "rw"
    assert _mounts("-o", f"remount,{mode}", str(disk))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses this process every byte of a file beyond the first ones."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked_by_other_process(path: Path) -> Iterator[None]:
    """Another process is in the middle of writing to a SQLite file."""
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with _other_process(code, path):
        yield


@contextmanager
def read_by_other_process(path: Path) -> Iterator[None]:
    """Another process reads a SQLite file, and holds on to the state that it saw first."""
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN')\n"
        "connection.execute('SELECT count(*) FROM state').fetchone()\n"
        "print('reading', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with _other_process(code, path):
        yield


def damage(path: Path, start: int = 4096) -> None:
    """Write nonsense over a file, from a byte on. In another process: to close a descriptor of the
    file in this one would drop the locks that SQLite has on it.
    """
    code = (
        "import os, sys\n"
        "path, start = sys.argv[1], int(sys.argv[2])\n"
        "with open(path, 'r+b') as file:\n"
        "    file.seek(start)\n"
        "    file.write(b'\\xa5' * (os.path.getsize(path) - start))\n"
    )
    subprocess.run([sys.executable, "-S", "-c", code, path, str(start)], check=True)


@contextmanager
def _other_process(code: str, path: Path) -> Iterator[None]:
    command = [sys.executable, "-S", "-c", code, os.fspath(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def _mounts(*arguments: str) -> bool:
    try:
        return (
            subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False
