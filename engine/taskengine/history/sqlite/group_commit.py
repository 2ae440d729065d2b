"""Committing what came in together, so that one's mistake undoes nobody else's writes."""

from collections.abc import Callable, Sequence
from sqlite3 import Connection

from taskengine.history.sqlite.database import Database
from taskengine.history.sqlite.transaction import part_of_transaction, transaction
from taskengine.history.sqlite.trouble import trouble_of
from taskengine.history.sqlite.unwritten import Unwritten
from taskengine.history.sqlite.work import Work


class _Mistake(Exception):
    """A piece of work has failed, and the file is not to blame."""


def commit(database: Database, unwritten: Unwritten, works: Sequence[Work]) -> int:
    """Do all of it in one transaction, after writing what is unwritten; what a piece of work gives
    or raises is kept with it. Gives the size of the log in bytes.

    Raises what has to do with the file, such as FileGone and sqlite3.Error: nothing was done then.
    """
    try:
        try:
            _transact(database, unwritten, works, _do)
        except _Mistake:
            unwritten.lost()
            _transact(database, unwritten, works, _do_apart)
        size = database.check_place()
    except BaseException:
        unwritten.lost()
        raise
    unwritten.written()
    return size


def _transact(
    database: Database,
    unwritten: Unwritten,
    works: Sequence[Work],
    do: Callable[[Connection, Work], None],
) -> None:
    with transaction(database.connection):
        unwritten.write(database.connection)
        for work in works:
            do(database.connection, work)


def _do(connection: Connection, work: Work) -> None:
    try:
        work.succeed(work.function(connection))
    except BaseException as error:
        if trouble_of(error):
            raise
        raise _Mistake from error


def _do_apart(connection: Connection, work: Work) -> None:
    try:
        with part_of_transaction(connection):
            work.succeed(work.function(connection))
    except BaseException as error:
        if trouble_of(error) or not connection.in_transaction:
            raise
        work.fail(error)
