"""Connections that read, while the writer writes."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

T = TypeVar("T")


class Reader:
    """Reads the file as it is committed; where there is no file that can be read, `default`.

    It opens the file when it is first needed, and again when `generation` says that it is another
    one. What damage it meets is the writer's affair: `on_error` is told.
    """

    def __init__(
        self,
        path: Path,
        generation: Callable[[], int],
        on_error: Callable[[Exception], None],
    ) -> None:
        raise NotImplementedError

    def read(self, query: Callable[[Connection], T], default: T) -> T:
        """Ask something short, here and now; from any thread."""
        raise NotImplementedError

    async def ask(self, query: Callable[[Connection], T], default: T) -> T:
        """Ask something on a thread of its own, with a connection of its own; on any loop."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""
