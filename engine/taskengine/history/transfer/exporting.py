"""Writes runs with all that is kept of them to a file, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import BinaryIO

from taskengine.history.sqlite import chunks, numbers, rows
from taskengine.history.sqlite.instants import to_micros
from taskengine.history.transfer.form import heading, output_record, parts_of, run_record, to_line
from taskengine.output import OutputExtent

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which runs to export: those of some tasks (none named: of all), queued from `since` on and
    before `until` (aware).
    """

    tasks: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Exported:
    """What was written, and how many runs were left out because they are not over."""

    runs: int = 0
    lines: int = 0
    going_on: int = 0


def export_runs(connection: Connection, file: BinaryIO, selection: Selection) -> Exported:
    """Write the selected runs that are over, by ascending number. Memory holds no more than a piece
    of one run's output; an engine may be at work meanwhile. Raises OSError, sqlite3.Error.
    """
    exported = Exported()
    last = numbers.last_number(connection, numbers.RUNS)
    file.write(to_line(heading(last)))
    for run_id, is_open in _selected(connection, selection):
        if is_open:
            exported.going_on += 1
            continue
        connection.execute("BEGIN")  # the run and its output as they are at one moment
        try:
            _export(connection, file, run_id, exported)
        finally:
            connection.execute("ROLLBACK")
    file.flush()
    return exported


def _selected(connection: Connection, selection: Selection) -> Iterator[tuple[int, bool]]:
    """The numbers of the runs, and whether there is something left to do for them. Nothing is held
    between two pages.
    """
    conditions, arguments = _conditions(selection)
    query = f"SELECT id, open FROM runs WHERE id > ?{conditions} ORDER BY id LIMIT {_PAGE}"  # noqa: S608
    last = 0
    while page := connection.execute(query, (last, *arguments)).fetchall():
        yield from page
        last = page[-1][0]


def _conditions(selection: Selection) -> tuple[str, list[object]]:
    conditions, arguments = "", list[object]()
    if selection.tasks:
        conditions += f" AND task IN ({', '.join('?' * len(selection.tasks))})"
        arguments += selection.tasks
    if selection.since:
        conditions += " AND queued_at >= ?"
        arguments.append(to_micros(selection.since))
    if selection.until:
        conditions += " AND queued_at < ?"
        arguments.append(to_micros(selection.until))
    return conditions, arguments


def _export(connection: Connection, file: BinaryIO, run_id: int, exported: Exported) -> None:
    run = rows.load_run(connection, run_id)
    if run is None:
        return  # it was pruned meanwhile
    extent = OutputExtent(
        *connection.execute(
            "SELECT lines, gap_start, gap_end FROM runs WHERE id = ?", (run_id,)
        ).fetchone()
    )
    file.write(to_line(run_record(run, extent)))
    exported.runs += 1
    for part in parts_of(extent):
        for key in chunks.keys(connection, run_id, part.start, part.stop):
            text = chunks.text_at(connection, key)
            assert text is not None, "one transaction sees one state"
            encoded = text.split("\n")
            file.write(to_line(output_record(run_id, key.first, encoded)))
            exported.lines += len(encoded)


def export_nothing(file: BinaryIO) -> None:
    """Write what a history without runs is exported as."""
    file.write(to_line(heading(0)))
