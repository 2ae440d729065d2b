"""The form of an exported history: JSON lines, each an object that says what it is in `type`.

The first line is the heading. A run is one line, followed by its output in as many as it takes.
Whoever reads the lines in their order never needs more of them at once than the present one.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO, TypeAlias

import msgspec

from taskengine.output import OutputExtent, OutputKind, OutputLine
from taskengine.run import Attempt, JoinedCaller, Progress, Run, RunError, RunState, Trigger
from taskengine.wording import fault_in_words, split_place

VERSION = 1
_LARGEST = 2**53 - 1  # what every reader of JSON has as a whole number
_KINDS = {kind.name.lower(): kind for kind in OutputKind}

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
Millis: TypeAlias = Annotated[int, msgspec.Meta(ge=0, lt=10**13)]
Line: TypeAlias = tuple[Millis, str, str, str]


class NotAnExport(ValueError):
    """Something that is not of this form; `str()` says what is wrong with it."""


class BrokenLine(NotAnExport):
    """The line of a file that is not of this form."""

    def __init__(self, number: int, fault: object) -> None:
        super().__init__(f"line {number}: {fault}")
        self.number = number


class Heading(msgspec.Struct, tag_field="type", tag="history", frozen=True, kw_only=True):
    """What the file is. `last_run` is the highest number that a run in it can have."""

    version: Number
    last_run: Count


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that was followed by another."""

    number: Count
    state: RunState
    started_at: Instant
    ended_at: Instant
    error: RunError | None = None


class JoinedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A caller that joined the run."""

    at: Instant
    trigger: Trigger
    payload_used: bool


class ExtentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines were written, and between which ends of a gap they were dropped."""

    lines: Count
    gap_start: Count
    gap_end: Count

    def extent(self) -> OutputExtent:
        """The extent as it was exported. Raises NotAnExport."""
        if not self.gap_start <= self.gap_end <= self.lines:
            raise NotAnExport("`output` has a gap that can't be")
        return OutputExtent(self.lines, self.gap_start, self.gap_end)


class RunRecord(msgspec.Struct, tag_field="type", tag="run", frozen=True, kw_only=True):
    """A run by the names of its fields; `output` tells which lines of output are to follow."""

    id: Number
    task: str
    payload: dict[str, Any]
    trigger: Trigger
    state: RunState
    queued_at: Instant
    output: ExtentRecord
    started_at: Instant | None = None
    ended_at: Instant | None = None
    scheduled_time: Instant | None = None
    key: str = ""
    attempt: Count = 1
    max_attempts: Count = 1
    attempts: tuple[AttemptRecord, ...] = ()
    next_attempt_at: Instant | None = None
    stopping: bool = False
    result: Any = None
    error: RunError | None = None
    progress: Progress | None = None
    joined: tuple[JoinedRecord, ...] = ()
    joined_count: Count = 0
    parent_id: Number | None = None
    children: tuple[Number, ...] = ()
    child_count: Count = 0
    rerun_of: Number | None = None

    def run(self) -> Run:
        """The run as it was exported. Raises NotAnExport."""
        values = {one.name: _in_utc(one.name, getattr(self, one.name)) for one in fields(Run)}
        values["attempts"] = tuple(Attempt(**_values(one)) for one in self.attempts)
        values["joined"] = tuple(JoinedCaller(**_values(one)) for one in self.joined)
        return Run(**values)


class OutputRecord(msgspec.Struct, tag_field="type", tag="output", frozen=True, kw_only=True):
    """Lines of a run's output, of which `first` is the number of the first one. Each is a time in
    milliseconds since 1970, a stream or level, a logger, and the text.
    """

    run: Number
    first: Count
    lines: tuple[Line, ...]

    def encoded(self) -> list[str]:
        """The lines as a history keeps them. Raises NotAnExport."""
        try:
            return [
                OutputLine(time, _KINDS[kind], logger, text).encode()
                for time, kind, logger, text in self.lines
            ]
        except KeyError as error:
            raise NotAnExport(f"{error} is no kind of output") from None


Record: TypeAlias = Heading | RunRecord | OutputRecord


def run_record(run: Run, extent: OutputExtent) -> dict[str, object]:
    """The object of a run."""
    output = {
        "lines": extent.total,
        "gap_start": extent.gap_start,
        "gap_end": extent.gap_end,
    }
    return {"type": "run", **msgspec.to_builtins(run), "output": output}


def output_record(run: int, first: int, encoded: list[str]) -> dict[str, object]:
    """The object of some lines of output."""
    lines = [
        (one.time, one.kind.name.lower(), one.logger, one.text)
        for one in map(OutputLine.decode, encoded)
    ]
    return {"type": "output", "run": run, "first": first, "lines": lines}


def parts_of(extent: OutputExtent) -> tuple[range, ...]:
    """The numbers of the lines that there are: all, or those on both sides of the gap."""
    if not extent.dropped:
        return (range(extent.total),)
    return range(extent.gap_start), range(extent.gap_end, extent.total)


def heading(last_run: int) -> dict[str, object]:
    """The object of the first line."""
    return {"type": "history", "version": VERSION, "last_run": last_run}


def to_line(record: dict[str, object]) -> bytes:
    """An object as a line."""
    try:
        return _in_json(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can carry
        return _in_json(record, ensure_ascii=True).encode() + b"\n"


def read_records(file: BinaryIO) -> Iterator[tuple[int, Record]]:
    """The objects of a file with the numbers of their lines. Raises BrokenLine."""
    for number, line in enumerate(file, start=1):
        if line.isspace():
            continue
        try:
            yield number, _read(line)
        except NotAnExport as error:
            raise BrokenLine(number, error) from None


def _read(line: bytes) -> Record:
    try:
        found = json.loads(line.decode("utf-8-sig"))  # some programs begin a file with a mark
    except (ValueError, RecursionError) as error:
        raise NotAnExport(f"this is no JSON ({error})") from None
    try:
        record: Record = msgspec.convert(found, Record)
    except msgspec.ValidationError as error:
        message, place = split_place(str(error))
        words = fault_in_words(message) or message
        raise NotAnExport(f"`{place}` {words}" if place else f"it {words}") from None
    return record


def _in_json(record: dict[str, object], *, ensure_ascii: bool) -> str:
    return json.dumps(record, ensure_ascii=ensure_ascii, separators=(",", ":"))


def _values(record: msgspec.Struct) -> dict[str, Any]:
    return {name: _in_utc(name, getattr(record, name)) for name in record.__struct_fields__}


def _in_utc(name: str, value: Any) -> Any:
    """A value, an instant in UTC: that is how the same run is known again."""
    if not isinstance(value, datetime):
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise NotAnExport(f"`{name}` is beyond the years 1 to 9999 in UTC") from None
