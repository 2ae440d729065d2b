"""A transaction that leaves nothing open behind it, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from sqlite3 import Connection, Error


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Write at once or wait for those who write, commit at the end, and roll back on any error.

    Raises what the block raises, and sqlite3.Error.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk, among others, has rolled it back already.
        if connection.in_transaction:
            with suppress(Error):
                connection.execute("ROLLBACK")
        raise


@contextmanager
def part_of_transaction(connection: Connection) -> Iterator[None]:
    """Undo on an error what the block has written, and leave the transaction around it going on.

    Raises what the block raises, and sqlite3.Error.
    """
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")
