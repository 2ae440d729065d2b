"""Runs in the file of a history with all that belongs to them, as its engine leaves them."""

from collections.abc import Sequence
from sqlite3 import Connection

from taskengine.history.sqlite import chunks, task_stats, text_index
from taskengine.history.sqlite.rows import Standing, save_run
from taskengine.history.sqlite.stored_output import StoredOutput
from taskengine.history.sqlite.transaction import transaction
from taskengine.history.words import text_of
from taskengine.output import OutputKind, OutputLine
from taskengine.run import Run


def lines(*texts: str) -> list[str]:
    """Lines of output, encoded."""
    return [OutputLine(1_772_366_400_000 + n, OutputKind.STDOUT, "", one).encode()
            for n, one in enumerate(texts)]  # fmt: skip


def keep(
    connection: Connection,
    run: Run,
    output: Sequence[str] = (),
    *,
    gap: range = range(0),
    is_open: bool = False,
) -> int:
    """Keep a run with encoded lines of output, of which those in the gap were dropped; gives its
    size in bytes.
    """
    with transaction(connection):
        stored = _keep_output(connection, run.id, output, gap)
        saved = save_run(connection, run, Standing(engine=1, open=is_open), stored)
        if run.state.is_final:
            task_stats.count_ended(connection, [(run, saved.size)])
            text_index.add(connection, run.id, text_of(run))
    return saved.size


def _keep_output(
    connection: Connection, run: int, output: Sequence[str], gap: range
) -> StoredOutput:
    size = count = 0
    gap = gap or range(len(output), len(output))
    for start, part in ((0, output[: gap.start]), (gap.stop, output[gap.stop :])):
        number = start
        for piece in chunks.in_pieces(part):
            data = chunks.encode(piece)
            chunks.add(connection, run, number, data, len(piece))
            number, size, count = number + len(piece), size + len(data), count + 1
    return StoredOutput(len(output), gap.start, gap.stop, size, 0, count)


def clear(connection: Connection) -> None:
    """Forget all runs."""
    for table in ("runs", "run_spans", "details", "chunks", "task_stats", "sqlite_sequence"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("INSERT INTO run_text(run_text) VALUES('delete-all')")


def assert_sound(connection: Connection) -> None:
    """The file is whole, nothing belongs to a run that is gone, and the counters are right."""
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.execute("INSERT INTO run_text(run_text) VALUES('integrity-check')")
    for table in ("chunks", "details"):
        gone = f"SELECT run FROM {table} WHERE run NOT IN (SELECT id FROM runs)"
        assert connection.execute(gone).fetchall() == []
    counted = connection.execute("SELECT task, kept_runs, kept_size FROM task_stats").fetchall()
    there = "SELECT count(*), coalesce(sum(size), 0) FROM runs WHERE task = ? AND ended_at NOT NULL"
    for task, runs, size in counted:
        assert connection.execute(there, (task,)).fetchone() == (runs, size)
    sizes = connection.execute("SELECT id, size FROM runs").fetchall()
    for run, size in sizes:
        assert size == _bytes_of(connection, run)


def _bytes_of(connection: Connection, run: int) -> int:
    columns = "payload, result, error_type, error_message, traceback, more"
    details = connection.execute(f"SELECT {columns} FROM details WHERE run = ?", (run,)).fetchone()
    of_chunks = "SELECT coalesce(sum(length(data)), 0) FROM chunks WHERE run = ?"
    size: int = connection.execute(of_chunks, (run,)).fetchone()[0]
    return size + sum(len(part) for part in details if part is not None)
