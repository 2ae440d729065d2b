"""Pieces of an output without a gap, read while it is written to. All of it may read files."""

from dataclasses import dataclass

from taskengine.client.wire.messages import Line
from taskengine.output import Output, OutputExtent

MOST_LINES = 20_000
MOST_CHARS = 1_000_000
_FIRST_STEP = 64  # lines, each of which may be long
_LONGEST_STEP = 2_000
_TRIES = 4
_TIME_DIGITS = 13


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Encoded lines from the number `first` on, and how much there was in all."""

    first: int
    lines: list[str]
    extent: OutputExtent

    @property
    def end(self) -> int:
        """The number of the line after the last one."""
        return self.first + len(self.lines)


def read_on(output: Output, start: int, stop: int) -> Excerpt:
    """The first lines from `start` on, before `stop`, as many as fit. They begin later if the first
    ones were dropped.
    """
    found = _read(output, start, min(start + _FIRST_STEP, stop), stop)
    lines, end, step = found.lines, found.end, _FIRST_STEP
    chars, stop = _chars(lines), min(stop, found.first + MOST_LINES)
    while lines and end < stop and chars < MOST_CHARS:
        step = min(step * 2, _LONGEST_STEP)
        more = _read(output, end, min(end + step, stop), stop)
        if more.first != end or not more.lines:
            break
        lines += more.lines
        chars += _chars(more.lines)
        end = more.end
    return Excerpt(found.first, lines, output.extent)


def read_tail(output: Output, count: int) -> Excerpt:
    """The last `count` lines, or as many of them as fit."""
    first, step, chars, parts = output.extent.total, _FIRST_STEP, 0, list[Excerpt]()
    wanted = max(first - min(count, MOST_LINES), 0)
    while first > wanted and chars < MOST_CHARS:
        begin = max(first - step, wanted, output.extent.gap_end if _has_gap(output.extent) else 0)
        if begin >= first:
            break
        part = _read(output, begin, first, first)
        if not part.lines or part.end != first:
            break
        parts.append(part)
        first = part.first
        chars += _chars(part.lines)
        step = min(step * 2, _LONGEST_STEP)
        if part.first > begin:
            break
    return Excerpt(first, [line for one in reversed(parts) for line in one.lines], output.extent)


def line_of(encoded: str) -> Line:
    """A line as messages have it."""
    logger, _, text = encoded[_TIME_DIGITS + 1 :].partition("\x1f")
    return int(encoded[:_TIME_DIGITS]), encoded[_TIME_DIGITS], logger, text


def _read(output: Output, start: int, stop: int, last: int) -> Excerpt:
    """The lines from `start` up to `stop`; if all of these were dropped, as many from where there
    are some, before `last`.

    Lines may be dropped at any moment, and an output gives what is left without saying which that
    is: what it is, follows from the extent before and after.
    """
    count = stop - start
    for _ in range(_TRIES):
        before = output.extent
        first = start
        if before.gap_start <= start < before.gap_end:
            first = before.gap_end
        end = min(max(stop, first + count) if first > start else stop, last, before.total)
        if _has_gap(before) and first < before.gap_start:
            end = min(end, before.gap_start)
        if first >= end:
            return Excerpt(first, [], before)
        lines = output.read(first, end)
        if len(lines) == end - first:
            return Excerpt(first, lines, before)
        after = output.extent
        if lines and _has_gap(after) and after.gap_start <= first:
            return Excerpt(end - len(lines), lines, after)
    return Excerpt(end, [], before)  # a file that is damaged does not have them


def _has_gap(extent: OutputExtent) -> bool:
    return extent.gap_start < extent.gap_end


def _chars(lines: list[str]) -> int:
    return sum(map(len, lines))
