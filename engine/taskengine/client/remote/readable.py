"""Lines as an engine elsewhere gives them, which may be of a newer version than this one."""

import re
from collections.abc import Sequence

from taskengine.output import OutputKind, OutputLine

_TIME = r"[0-9]{13}"
_is_known = re.compile(f"{_TIME}[{''.join(OutputKind)}]").match
_is_of_some_kind = re.compile(f"{_TIME}.").match
_KIND_AT = 13


def readable(lines: Sequence[str]) -> Sequence[str]:
    """Encoded lines that `OutputLine.decode` can read. One of a kind that is not known here is as a
    note of the engine.
    """
    if all(map(_is_known, lines)):
        return lines
    return [line if _is_known(line) else _as_note(line) for line in lines]


def _as_note(line: str) -> str:
    if _is_of_some_kind(line):
        return line[:_KIND_AT] + OutputKind.NOTE + line[_KIND_AT + 1 :]
    return OutputLine(0, OutputKind.NOTE, "", line).encode()
