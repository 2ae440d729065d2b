"""A database to try things on. A helper may also lie in the folder of the tasks that use it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def demo_database() -> Iterator[Path]:
    """The path of a database of some megabytes that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="taskconsole-demo-") as folder:
        path = Path(folder) / "demo.db"
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
            rows = ((f"note number {number} " * 20,) for number in range(10_000))
            database.executemany("INSERT INTO note (text) VALUES (?)", rows)
        yield path
