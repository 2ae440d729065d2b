"""A run's output as a text file, to be kept or to be paged through."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from taskconsole.phrases import count, plain
from taskengine.output import Output, OutputKind, OutputLine

_CHUNK = 5_000
_STREAMS = {OutputKind.STDOUT: "", OutputKind.STDERR: "", OutputKind.NOTE: "-- "}


def write_log(output: Output, path: Path, zone: tzinfo) -> None:
    """Write all lines that are kept, with their times, then what is not ended by a line break yet,
    without what steers a terminal.

    Raises FileExistsError rather than write over a file, and OSError if it can't be written.
    """
    unfinished = output.partial  # before the extent: better a line twice than not at all
    extent = output.extent
    with path.open("x", encoding="utf-8", errors="replace") as file:
        file.writelines(_lines(output, 0, extent.gap_start, zone))
        if extent.dropped:
            file.write(f"-- {count(extent.dropped, 'line')} dropped\n")
        file.writelines(_lines(output, extent.gap_end, extent.total, zone))
        if unfinished:
            file.write(f"{'':14}{plain(unfinished)}\n")


def free_path(folder: Path, task: str, run_id: int | None) -> Path:
    """A name for a run's log that no file in the folder has yet."""
    stem = re.sub(r"[^\w.-]+", "-", task or "engine-output")
    stem = f"{stem}-{run_id}" if run_id is not None else stem
    path, number = folder / f"{stem}.log", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.log"
    return path


def _lines(output: Output, start: int, stop: int, zone: tzinfo) -> Iterator[str]:
    for first in range(start, stop, _CHUNK):
        for line in output.read(first, min(first + _CHUNK, stop)):
            yield _written(line, zone)


def _written(encoded: str, zone: tzinfo) -> str:
    line = OutputLine.decode(encoded)
    time = datetime.fromtimestamp(line.time / 1000, UTC).astimezone(zone)
    level = _STREAMS.get(line.kind, f"{line.kind.name} {line.logger} ".replace("  ", " "))
    return f"{time:%H:%M:%S}.{line.time % 1000:03d}  {level}{plain(line.text)}\n"
