"""Pieces of work for the writer, and how those who wait for them hear of it."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Work:
    """Something to do in a transaction, the future of the one who waits for it, if any, and what it
    gave or raised when it was done last.
    """

    function: Callable[[Connection], object]
    future: asyncio.Future[Any] | None = None
    value: object = None
    error: BaseException | None = None

    def succeed(self, value: object) -> None:
        """Keep what it gave."""
        self.value, self.error = value, None

    def fail(self, error: BaseException) -> None:
        """Keep what it raised."""
        # A future refuses a StopIteration.
        self.error = RuntimeError(repr(error)) if isinstance(error, StopIteration) else error


def answer(works: Iterable[Work]) -> None:
    """Tell all who wait, each loop once, what their work gave or raised. From any thread."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Work]] = defaultdict(list)
    for work in works:
        if work.future is not None:
            by_loop[work.future.get_loop()].append(work)
        elif work.error is not None:
            _log.error("What was to be written in passing has failed", exc_info=work.error)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed, and nobody waits there any more
            loop.call_soon_threadsafe(_resolve, waiting)


def _resolve(works: list[Work]) -> None:
    for work in works:
        if work.future is None or work.future.done():
            continue
        if work.error is not None:
            work.future.set_exception(work.error)
        else:
            work.future.set_result(work.value)
