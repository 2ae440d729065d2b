"""A run's output as a text file, to be kept or to be paged through."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterable
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from taskconsole.phrases import count, plain
from taskconsole.widgets.output.line_format import clock_time
from taskconsole.widgets.output.reading import KIND_AT, SEPARATOR
from taskengine.output import Output, OutputKind

_CHUNK = 2_000  # lines; to read so many takes a few milliseconds at most
_STRETCH = 20_000  # lines that are sent for at once where they are elsewhere
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
    size = _STRETCH
    while start < stop:
        come = min(start + size, stop)
        await output.fetch(start, come)
        for first in range(start, come, _CHUNK):
            last = min(first + _CHUNK, come)
            lines = output.read(first, last)  # at once: what has come is not kept for ever
            if not lines and size > 1 and not output.has(first, last):
                size = (come - start + 1) // 2  # they are so long that they drove each other out
                break
            yield lines
            start = last


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
    written_header = beginning = ""
    for encoded in lines:
        header, _, text = encoded.partition(SEPARATOR)
        if header != written_header:  # many lines are written within one millisecond
            time = clock_time(int(header[:KIND_AT]), zone)
            written_header, beginning = header, f"{time}  {_level(header[KIND_AT:])}"
        yield f"{beginning}{plain(text)}\n"


@lru_cache(maxsize=1024)
def _level(header: str) -> str:
    """Level and logger; `header` is the kind's letter and the logger."""
    kind, logger = OutputKind(header[0]), header[1:]
    return _STREAMS.get(kind, f"{kind.name} {logger} ".replace("  ", " "))
