"""Which version a file is of, and how it becomes one of this version."""

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection, complete_statement

from taskengine.errors import HistoryTooNew
from taskengine.history.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.sqlite.trouble import ForeignFile

# One statement, so one moment: meanwhile another process may be making the file.
_MARKS = """
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
FROM pragma_application_id, pragma_user_version"""


def version_of(connection: Connection, path: Path) -> int:
    """The version of the file; 0 if there is nothing in it yet.

    Raises HistoryTooNew, ForeignFile.
    """
    application, version, names = connection.execute(_MARKS).fetchone()
    if application == APPLICATION_ID:
        if version > SCHEMA_VERSION:
            raise HistoryTooNew(path, version, SCHEMA_VERSION)
        return int(version)
    # A process that died while it made the file may have left one without tables.
    if application or version or names:
        raise ForeignFile("it is a SQLite file, though not a history of tasks")
    return 0


def migrate(connection: Connection, path: Path) -> None:
    """Bring the file to this version in one transaction, and see that it can be written.

    Raises HistoryTooNew, ForeignFile, sqlite3.Error; the file then is as it was.
    """
    with transaction(connection):
        version = version_of(connection, path)
        for step in MIGRATIONS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        # Written even where it is the same: so a full disk and a read-only file show here already.
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. `executescript` would commit before the first one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""
