"""Takes runs from exported files into a history, each in a transaction of its own."""

from dataclasses import dataclass, field, replace
from sqlite3 import Connection
from typing import BinaryIO

from taskengine.history.sqlite import numbers, rows, task_stats, text_index
from taskengine.history.sqlite.details import more_of, pack
from taskengine.history.sqlite.rows import Standing
from taskengine.history.transfer.form import (
    VERSION,
    BrokenLine,
    Heading,
    NotAnExport,
    OutputRecord,
    Record,
    RunRecord,
    read_records,
)
from taskengine.history.transfer.incoming import IncomingOutput
from taskengine.history.transfer.twins import are_twins, find_twin
from taskengine.history.words import text_of
from taskengine.run import Run


@dataclass(slots=True)
class Imported:
    """How many runs were taken in, how many were there before, and the new numbers of those whose
    own was another run's, by that.
    """

    runs: int = 0
    lines: int = 0
    known: int = 0
    renumbered: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Incoming:
    """A run whose output is being read. `target` is None if the history has it already."""

    number: int
    target: Run | None
    output: IncomingOutput
    payload_size: int = 0


class Importer:
    """Imports into a history that nobody else uses meanwhile, as the engine of a number in it.

    `imported` tells what is there for good, also when a file turned out to be broken: what is
    imported again after that is known.
    """

    def __init__(self, connection: Connection, engine: int) -> None:
        self.imported = Imported()
        self._connection = connection
        self._standing = Standing(engine=engine)
        self._current: _Incoming | None = None
        self._last_number = numbers.last_number(connection, numbers.RUNS)
        self._other_numbers: dict[int, int] = {}
        self._parents: dict[int, int] = {}

    def take_in(self, file: BinaryIO) -> None:
        """Import all runs of a file. Raises BrokenLine, sqlite3.Error, OSError."""
        number = 0
        try:
            for number, record in read_records(file):
                if number == 1 and not isinstance(record, Heading):
                    raise NotAnExport("this is no exported history: its heading is missing")
                self._take(record)
            if number == 0:
                raise NotAnExport("the file is empty")
            self._finish()
        except BrokenLine:
            raise
        except NotAnExport as error:
            raise BrokenLine(max(number, 1), error) from None
        except UnicodeEncodeError:
            raise BrokenLine(number, "a lone surrogate is no text") from None
        finally:
            self._current = None
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _take(self, record: Record) -> None:
        if isinstance(record, OutputRecord):
            if self._current is None or self._current.number != record.run:
                raise NotAnExport(f"this is output of run #{record.run}, which is not before it")
            self._current.output.take(record)
            return
        self._finish()
        if isinstance(record, RunRecord):
            self._begin(record)
        elif record.version > VERSION:
            raise NotAnExport("a newer taskconsole wrote this: use that one, or a later one")
        else:
            self._last_number = max(self._last_number, record.last_run)

    def _begin(self, record: RunRecord) -> None:
        run, extent = record.run(), record.output.extent()
        if not run.state.is_final:
            raise NotAnExport(f"run #{run.id} is {run.state}, not over")
        self._connection.execute("BEGIN IMMEDIATE")
        new = self._number_for(run)
        target = None if new is None else self._adapted(run, new)
        place = None if target is None else (self._connection, target.id)
        output = IncomingOutput(place, extent)
        self._current = _Incoming(run.id, target, output)
        if target is not None:
            saved = rows.save_run(self._connection, target, self._standing)
            self._current.payload_size = saved.payload_size

    def _number_for(self, run: Run) -> int | None:
        """The number that the run gets here; None if it is here already."""
        there = rows.load_run(self._connection, run.id)
        twin = None
        if there is not None:
            twin = run.id if are_twins(there, run) else find_twin(self._connection, run)
        number = run.id if there is None else twin or self._last_number + 1
        self._last_number = max(self._last_number, number)
        if number != run.id:
            self._other_numbers[run.id] = number
        if run.children:
            self._parents[run.id] = number
        return None if twin else number

    def _adapted(self, run: Run, number: int) -> Run:
        """The run with the numbers that it and those it came from have here."""
        new = self._other_numbers
        if number != run.id and run.parent_id in self._parents:
            self._rename_child(self._parents[run.parent_id], run.id, number)
        return replace(
            run,
            id=number,
            parent_id=new.get(run.parent_id or 0, run.parent_id),
            rerun_of=new.get(run.rerun_of or 0, run.rerun_of),
        )

    def _rename_child(self, parent_number: int, old: int, new: int) -> None:
        """Tell the parent, which came before its child, the child's new number."""
        parent = rows.load_run(self._connection, parent_number)
        assert parent is not None, "nobody else uses the history"
        children = tuple(new if child == old else child for child in parent.children)
        more = more_of(replace(parent, children=children))
        self._connection.execute(
            "UPDATE details SET more = ? WHERE run = ?", (more and pack(more), parent_number)
        )

    def _finish(self) -> None:
        """Keep for good the run whose output was read, if there is one."""
        current, self._current = self._current, None
        if current is None:
            return
        current.output.check_complete(current.number)
        if current.target is None:
            self._connection.execute("ROLLBACK")
            self.imported.known += 1
            return
        self._complete(current.target, current)
        self._connection.execute("COMMIT")
        self.imported.runs += 1
        if current.target.id != current.number:
            self.imported.renumbered[current.number] = current.target.id
        self.imported.lines += current.output.extent.kept

    def _complete(self, run: Run, current: _Incoming) -> None:
        stored = current.output.stored()
        saved = rows.save_run(self._connection, run, self._standing, stored, current.payload_size)
        self._connection.execute("UPDATE runs SET packed = 1 WHERE id = ?", (run.id,))
        task_stats.count_ended(self._connection, [(run, saved.size)])
        text_index.add(self._connection, run.id, text_of(run))
