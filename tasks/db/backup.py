"""A copy of a database that others go on writing to, checked and in place at one stroke."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from taskengine import TaskCancelled, TaskContext, TaskEvent, task
from tasks._shared import human_size, project_path
from tasks.db._demo import demo_database

PAGES_AT_A_TIME = 256
STAMP = "%Y%m%dT%H%M%SZ"
STAMP_PATTERN = "[0-9]" * 8 + "T" + "[0-9]" * 6 + "Z"


@task
def run(event: TaskEvent) -> dict[str, object]:
    """Back up a SQLite database while it is in use.

    Payload:
        database: its path; without it, a demo database is made, backed up and removed again.
        folder: where the copies go; by default `backups` beside the database.
        keep: how many copies to keep, the new one included; 7 by default.
    """
    payload = event.payload
    keep = max(1, int(payload.get("keep", 7)))
    if "database" not in payload:
        print("No database in the payload: here is one for show, which is gone afterwards.")
        print('Name your own: {"database": "path/to/app.db"}')
        with demo_database() as database:
            return back_up(database, database.parent / "backups", keep, event.context)
    database = project_path(payload["database"])
    folder = project_path(payload.get("folder", database.parent / "backups"))
    return back_up(database, folder, keep, event.context)


def back_up(database: Path, folder: Path, keep: int, context: TaskContext) -> dict[str, object]:
    """Make one more copy, and remove the oldest ones beyond `keep`."""
    if not database.is_file():
        raise FileNotFoundError(f"there is no database {database}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{database.stem}-{datetime.now(UTC):{STAMP}}{database.suffix}"
    # Until it is whole and checked, the copy is in a folder that goes away whatever happens.
    with TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished:
        copy = Path(unfinished) / target.name
        copy_online(database, copy, context)
        shutil.copymode(database, copy)
        copy.replace(target)
    size = target.stat().st_size
    print(f"Copied {human_size(size)} to {target}; the copy's integrity is checked")
    return {"backup": str(target), "bytes": size, "removed": remove_oldest(database, folder, keep)}


def copy_online(database: Path, copy: Path, context: TaskContext) -> None:
    """Copy page by page, and check the copy."""

    def report(_status: int, remaining: int, total: int) -> None:
        if context.cancelled.is_set():
            raise TaskCancelled("the unfinished copy is removed")
        context.progress(total - remaining, total or None, "pages")

    # Without a time-out of its own: while others lock the database, `backup` waits and reports.
    source_uri = f"{database.as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(source_uri, uri=True, timeout=0)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target, pages=PAGES_AT_A_TIME, progress=report)
        faults = [row[0] for row in target.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if faults:
        raise sqlite3.DatabaseError(f"the copy of {database} is damaged: {faults[0]}")


def remove_oldest(database: Path, folder: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` copies; their names tell their age."""
    pattern = f"{escape(database.stem)}-{STAMP_PATTERN}{escape(database.suffix)}"
    oldest = sorted(folder.glob(pattern))[:-keep]
    for copy in oldest:
        copy.unlink()
        print(f"Removed the old copy {copy.name}")
    return [copy.name for copy in oldest]
