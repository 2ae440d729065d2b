"""A run's output as a text file, to be kept or to be paged through."""

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from taskconsole.phrases import count, plain
from taskconsole.widgets.output.line_format import clock_time
from taskconsole.widgets.output.reading import KIND_AT, SEPARATOR
from taskengine.output import Output, OutputKind
from taskengine.whole_file import give_name

WentOn = Callable[[int, int], None]
_CHUNK = 2_000  # lines; to read so many takes a few milliseconds at most
_STRETCH = 20_000  # lines that are sent for at once where they are elsewhere
_STREAMS = {OutputKind.STDOUT: "", OutputKind.STDERR: "", OutputKind.NOTE: "-- "}


async def write_log(
    output: Output, path: Path, zone: tzinfo, went_on: WentOn | None = None
) -> None:
    """Write all lines that are kept, with their times, then what is not ended by a line break yet,
    without what steers a terminal. `went_on` is told how many are written, and of how many.

    The file has its name once it is whole, and `part_of` that until then. Raises FileExistsError
    rather than write over a file, OSError if it can't be written, and EngineUnreachable if the
    lines don't come; half a log is not left behind.
    """
    part = part_of(path)
    file = _begin(part, path)
    try:
        await output.fetch(0, 0)  # no line, but how many there are
        unfinished = output.partial  # before the extent: better a line twice than not at all
        extent = output.extent
        log = _Log(file, zone, extent.kept, went_on)
        await log.write(_chunks(output, 0, extent.gap_start))
        if extent.dropped:
            file.write(f"-- {count(extent.dropped, 'line')} dropped\n")
        await log.write(_chunks(output, extent.gap_end, extent.total))
        if unfinished:
            file.write(f"{'':14}{plain(unfinished)}\n")
        await _undisturbed(file.close)
        give_name(part, path)
    except BaseException:
        await asyncio.to_thread(_throw_away, file, part)
        raise


def part_of(path: Path) -> Path:
    """How a log is called as long as it is not whole."""
    return path.with_name(f"{path.name}.part")


# Begun and named at once, on no thread: who is called off in between would not know how it went.


def _begin(part: Path, path: Path) -> TextIO:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return part.open("x", encoding="utf-8", errors="replace")


def _throw_away(file: TextIO, part: Path) -> None:
    part.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # what is not written yet may not fit on the disk either
        file.close()


class _Log:
    """Lines that are written, and counted."""

    def __init__(self, file: TextIO, zone: tzinfo, lines: int, went_on: WentOn | None) -> None:
        self._file = file
        self._zone = zone
        self._lines = lines
        self._went_on = went_on
        self._written = 0

    async def write(self, chunks: AsyncIterator[list[str]]) -> None:
        async for lines in chunks:
            await _undisturbed(self._file.writelines, _written(lines, self._zone))
            self._written += len(lines)
            if self._went_on:
                self._went_on(self._written, self._lines)


async def _undisturbed(work: Callable[..., None], *arguments: object) -> None:
    """Do it on a thread. Who is called off meanwhile goes only when that is done: a file that is
    written to can't be thrown away.
    """
    doing = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await doing
        raise


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
    """A name for a run's log that no file in the folder has yet, nor one that is being written."""
    stem = re.sub(r"[^\w.-]+", "-", task or "engine-output")
    stem = f"{stem}-{run_id}" if run_id is not None else stem
    path, number = folder / f"{stem}.log", 1
    while os.path.lexists(path) or os.path.lexists(part_of(path)):
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
