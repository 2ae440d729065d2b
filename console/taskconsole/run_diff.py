"""How two runs differ: their payloads, results or errors as text, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from itertools import islice

from taskconsole.phrases import count
from taskconsole.run_note import pretty
from taskengine.run import Run

COMPARED_LINES = 5_000
_CONTEXT, _WHOLE = 3, 200
_TITLES = 2  # lines that would say what is compared
_COLOURS = {"-": "\x1b[31m", "+": "\x1b[32m", "@": "\x1b[36m"}
_PLAIN = "\x1b[0m"


class Part(StrEnum):
    """What of two runs can be compared."""

    PAYLOAD = "payload"
    RESULT = "result"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines to be shown, coloured for a terminal; what the runs have in common if `is_none`."""

    lines: Sequence[str]
    is_none: bool


def difference(left: Run, right: Run, part: Part) -> Difference:
    """What of `left` became what of `right`. May take long: not for the screen's loop."""
    before, after = text_of(left, part), text_of(right, part)
    if before == after:
        return Difference(_same(before, part), is_none=True)
    old, new = _lines(before, left), _lines(after, right)
    context = max(len(old), len(new)) if len(old) + len(new) <= _WHOLE else _CONTEXT
    found = islice(unified_diff(old, new, n=context, lineterm=""), _TITLES, None)
    return Difference([_coloured(line) for line in found], is_none=False)


def text_of(run: Run, part: Part) -> str:
    """A part of a run as lines; empty where the run has none."""
    if part is Part.PAYLOAD:
        return pretty(run.payload)
    if part is Part.ERROR:
        error = run.error
        return f"{error.type}: {error.message}\n\n{error.traceback}".rstrip() if error else ""
    return "" if run.error or not run.state.is_final else pretty(run.result)


def _same(text: str, part: Part) -> list[str]:
    if not text:
        return [f"Neither run has {'an' if part is Part.ERROR else 'a'} {part.value}."]
    return [f"The {part.value} is the same:", "", *islice(text.splitlines(), COMPARED_LINES)]


def _lines(text: str, run: Run) -> list[str]:
    lines = text.splitlines() if text else []
    if len(lines) <= COMPARED_LINES:
        return lines
    rest = count(len(lines) - COMPARED_LINES, "line")
    return [*lines[:COMPARED_LINES], f"… {rest} more of #{run.id} not compared"]


def _coloured(line: str) -> str:
    colour = _COLOURS.get(line[:1])
    return f"{colour}{line}{_PLAIN}" if colour else line
