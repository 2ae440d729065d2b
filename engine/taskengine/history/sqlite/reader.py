"""Connections that read, while the writer writes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Error
from typing import TypeVar

from taskengine.errors import HistoryTooNew
from taskengine.history.sqlite.database import Connect, connect
from taskengine.history.sqlite.files import read_only_uri
from taskengine.history.sqlite.migrate import version_of
from taskengine.history.sqlite.schema import SCHEMA_VERSION
from taskengine.history.sqlite.trouble import ForeignFile, Trouble, trouble_of
from taskengine.threads.pool import DaemonPool

T = TypeVar("T")
_THREADS = 3
_LOCK_WAIT = 0.25  # seconds; only one who recovers the file or holds it for himself locks readers
_LONGEST = 30.0  # seconds; while somebody reads, the writer's log grows
_STEPS = 50_000  # of SQLite's machine between looks at the clock: a few ms


@dataclass(slots=True)
class _Opened:
    """A connection, and the file it belongs to. What is frozen is opened anew for every query."""

    connection: Connection
    generation: int
    is_frozen: bool

    def close(self) -> None:
        with suppress(Error):
            self.connection.close()


class Reader:
    """Reads the file as it is committed; where there is no file that can be read, `default`.

    It opens the file when it is first needed, and again when `generation` says that it is another
    one. What damage it meets is the writer's affair: `on_error` is told, on whatever thread. Each
    query sees one state of the file, whatever is written meanwhile, and may take `longest` seconds.
    What is wrong with the query itself is raised. A cursor must not outlive its query: what it has
    not read to the end keeps the writer's log from beginning anew.
    """

    def __init__(
        self,
        path: Path,
        generation: Callable[[], int],
        on_error: Callable[[Exception], None],
        *,
        connect: Connect = connect,
        longest: float = _LONGEST,
    ) -> None:
        self._path = path
        self._generation = generation
        self._on_error = on_error
        self._connect = connect
        self._longest = longest
        self._spares: list[_Opened] = []
        self._lock = threading.Lock()
        self._pool = DaemonPool(_THREADS, "taskengine history reader")
        self._is_closed = False

    def read(self, query: Callable[[Connection], T], default: T) -> T:
        """Ask something short, here and now; from any thread."""
        with self._lock:
            return self._answer(query, default)

    async def ask(self, query: Callable[[Connection], T], default: T) -> T:
        """Ask something on a thread of its own, with a connection of its own; on any loop."""
        if self._is_closed:
            return self.read(query, default)
        return await self._pool.call(lambda: self._answer(query, default))

    def close(self) -> None:
        """Let go of the file; what is asked from now on is read here and now, and opens it for no
        longer than that.
        """
        self._is_closed = True
        self._pool.close(drops_queue=False)
        while self._spares:
            self._spares.pop().close()

    def _answer(self, query: Callable[[Connection], T], default: T) -> T:
        generation = self._generation()
        try:
            with self._lend(generation) as connection:
                return default if connection is None else query(connection)
        except Error as error:
            trouble = trouble_of(error)
            if trouble is None or trouble is Trouble.READ_ONLY:
                raise
            if generation == self._generation():  # else it is about a file that is not used now
                self._on_error(error)
            return default

    @contextmanager
    def _lend(self, generation: int) -> Iterator[Connection | None]:
        opened = self._take(generation)
        if opened is None:
            yield None
            return
        connection = opened.connection
        ends = time.monotonic() + self._longest
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")
        except BaseException:
            opened.close()
            raise
        self._give_back(opened)

    def _take(self, generation: int) -> _Opened | None:
        while self._spares:
            with suppress(IndexError):  # another thread has taken the last one
                opened = self._spares.pop()
                if opened.generation == generation:
                    return opened
                opened.close()
        return self._open(generation) if self._path.exists() else None

    def _give_back(self, opened: _Opened) -> None:
        if opened.is_frozen or self._is_closed:
            opened.close()
        else:
            self._spares.append(opened)

    def _open(self, generation: int) -> _Opened | None:
        uri, is_frozen = read_only_uri(self._path)
        opened = _Opened(self._connect(uri, _LOCK_WAIT), generation, is_frozen)
        try:
            opened.connection.execute("PRAGMA query_only = ON")
            opened.connection.execute("PRAGMA temp_store = MEMORY")
            if version_of(opened.connection, self._path) == SCHEMA_VERSION:
                return opened
        except (ForeignFile, HistoryTooNew):
            pass  # The writer says so.
        except BaseException:
            opened.close()
            raise
        opened.close()
        return None
