"""What can stand at the cursor of a payload by its schema: keys that are missing, and values."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taskconsole.widgets.json_places import Path, expected_after, places
from taskconsole.widgets.payload_schema import PayloadSchema
from taskconsole.widgets.payload_syntax import tokens

_WORD = re.compile(r"[^\s{}\[\],:\"]+$")
_WHOLE_STRING = re.compile(r'"[^"\\\n,:{}\[\]]*"')
_BEFORE = "{[,:"


@dataclass(frozen=True, slots=True)
class Completion:
    """Texts of which one can take the place of what stands from `start` up to `end`."""

    start: int
    end: int
    texts: Sequence[str]


def complete(schema: PayloadSchema, text: str, position: int) -> Completion:
    """What can stand where the cursor is, and goes on from what is typed before it."""
    start = _start(text[:position])
    whole = _WHOLE_STRING.match(text, start)
    end = max(position, whole.end()) if whole else position
    before = text[:start].rstrip()[-1:]
    candidates = [*_candidates(schema, text, start, end)] if before and before in _BEFORE else []
    if (there := text[start:end]) in candidates:  # it is whole: what else could be in its place?
        following = candidates.index(there) + 1
        return Completion(start, end, (*candidates[following:], *candidates[:following]))
    typed = text[start:position].strip('"').lower()
    fitting = (one for one in candidates if one.strip('"').lower().startswith(typed))
    return Completion(start, end, tuple(fitting))


def _start(before: str) -> int:
    """Where the key or the value begins that the cursor is in, or right behind."""
    line = before.rfind("\n") + 1
    quotes = [position for piece, position in tokens(before) if piece == '"' and position >= line]
    if quotes:
        return quotes[-1]
    last = max(tokens(before), key=lambda token: token[1], default=("", 0))
    if last[0].startswith('"') and last[1] + len(last[0]) == len(before):
        return last[1]
    word = _WORD.search(before)
    return word.start() if word else len(before)


def _candidates(schema: PayloadSchema, text: str, start: int, end: int) -> Iterator[str]:
    path, is_key = expected_after(text[:start])
    if not is_key:
        yield from (json.dumps(value, ensure_ascii=False) for value in schema.choices(path))
        return
    colon = "" if text[end:].lstrip().startswith(":") else ": "
    present = _keys_beside(text, path, start)
    for key in schema.keys(path):
        if key not in present:
            yield json.dumps(key, ensure_ascii=False) + colon


def _keys_beside(text: str, path: Path, start: int) -> set[str | int]:
    """The keys that the object at a path has already, but for the one that begins at `start`."""
    beside = (one for one in places(text) if one.path[:-1] == path and one.path)
    return {one.path[-1] for one in beside if one.key != start}
