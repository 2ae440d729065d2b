"""A run's output as a text file, to be kept or to be paged through."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TextIO

from taskconsole.phrases import count, plain
from taskengine.output import Output, OutputKind, OutputLine

_CHUNK = 2_000  # lines; to read so many takes a few milliseconds at most
_STREAMS = {OutputKind.STDOUT: "", OutputKind.STDERR: "", OutputKind.NOTE: "-- "}


async def write_log(output: Output, path: Path, zone: tzinfo) -> None:
    """Write all lines that are kept, with their times, then what is not ended by a line break yet,
    without what steers a terminal.

    Raises FileExistsError rather than write over a file, OSError if it can't be written, and
    EngineUnreachable if the lines don't come; half a log is not left behind.
    """
    unfinished = output.partial  # before the extent: better a line twice than not at all
    extent = output.extent
    file = await asyncio.to_thread(path.open, "x", encoding="utf-8", errors="replace")
    try:
        await _write_lines(file, _chunks(output, 0, extent.gap_start), zone)
        if extent.dropped:
            file.write(f"-- {count(extent.dropped, 'line')} dropped\n")
        await _write_lines(file, _chunks(output, extent.gap_end, extent.total), zone)
        if unfinished:
            file.write(f"{'':14}{plain(unfinished)}\n")
        await asyncio.to_thread(file.close)
    except BaseException:
        await asyncio.to_thread(_throw_away, file, path)
        raise


def _throw_away(file: TextIO, path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # what is not written yet may not fit on the disk either
        file.close()


async def _write_lines(file: TextIO, chunks: AsyncIterator[list[str]], zone: tzinfo) -> None:
    async for lines in chunks:
        await asyncio.to_thread(file.writelines, _written(lines, zone))


async def _chunks(output: Output, start: int, stop: int) -> AsyncIterator[list[str]]:
    for first in range(start, stop, _CHUNK):
        last = min(first + _CHUNK, stop)
        await output.fetch(first, last)
        yield output.read(first, last)  # at once: what has come is not kept for ever


def free_path(folder: Path, task: str, run_id: int | None) -> Path:
    """A name for a run's log that no file in the folder has yet."""
    stem = re.sub(r"[^\w.-]+", "-", task or "engine-output")
    stem = f"{stem}-{run_id}" if run_id is not None else stem
    path, number = folder / f"{stem}.log", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.log"
    return path


def _written(lines: Iterable[str], zone: tzinfo) -> Iterable[str]:
    for encoded in lines:
        line = OutputLine.decode(encoded)
        time = datetime.fromtimestamp(line.time / 1000, UTC).astimezone(zone)
        level = _STREAMS.get(line.kind, f"{line.kind.name} {line.logger} ".replace("  ", " "))
        yield f"{time:%H:%M:%S}.{line.time % 1000:03d}  {level}{plain(line.text)}\n"
