"""Gives pages of the file that nothing is in any more back to the disk, a few at a time."""

from sqlite3 import Connection

_MUCH = 1_000  # pages: what is written next finds room in so many without the file growing
_LITTLE = 100
_STEP = 100


class Vacuum:
    """Begins when many pages are free, and goes on until few are; or `thorough`: until none is."""

    def __init__(self, *, thorough: bool = False) -> None:
        self._much, self._little = (0, 0) if thorough else (_MUCH, _LITTLE)
        self._is_at_work = False

    def shrink(self, connection: Connection) -> bool:
        """Give back some pages; False if there are none to give back. Call it in a transaction;
        the file is shorter after the next checkpoint.
        """
        free = free_pages(connection)
        self._is_at_work = free > (self._little if self._is_at_work else self._much)
        if self._is_at_work:
            for _ in range(_STEP):
                # `execute` frees one page, however many it is told to.
                connection.execute("PRAGMA incremental_vacuum(1)")
            # A file that another program has rewritten may not be able to become smaller.
            self._is_at_work = free_pages(connection) < free
        return self._is_at_work


def free_pages(connection: Connection) -> int:
    """How many pages of the file are empty."""
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])
