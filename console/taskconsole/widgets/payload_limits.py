"""What Python's JSON reader lets pass and a payload must not hold: duplicate keys, numbers that
are not finite, half characters, nesting without end.
"""

import json
import math
import re

from taskconsole.widgets.payload_syntax import Spot, place, tokens

_DEEPEST = 200
_LONGEST_NUMBER = 4_000
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_WHOLE_NUMBER = re.compile(r"-?\d+")


def first_breach(text: str) -> Spot:
    """The first place in well-formed JSON that makes it unfit as a payload."""
    keys: list[dict[str, int] | None] = []
    before = ""
    for piece, position in tokens(text):
        if piece in ("{", "["):
            keys.append({} if piece == "{" else None)
        elif piece in ("}", "]") and keys:
            keys.pop()
        breach = _breach_of(piece, len(keys))
        if not breach and before in ("{", ",") and keys and piece.startswith('"'):
            breach = _duplicate(text, piece, position, keys[-1])
        if breach:
            return Spot(breach, position)
        before = piece
    return Spot("this is more than a payload can hold", 0)


def _breach_of(piece: str, depth: int) -> str:
    if depth > _DEEPEST:
        return f"nested more than {_DEEPEST} levels deep: flatten it"
    if piece in _NOT_FINITE:
        return f"JSON has no {piece}: write null, or a string"
    if piece[0] in "-0123456789":
        return _breach_of_number(piece)
    if piece[0] == '"' and not _is_encodable(piece):
        return "half of a surrogate pair stands alone: write both halves, or the character"
    return ""


def _breach_of_number(piece: str) -> str:
    if _WHOLE_NUMBER.fullmatch(piece):
        too_long = len(piece) > _LONGEST_NUMBER
        return "this number has too many digits: write it as a string" if too_long else ""
    return "" if math.isfinite(float(piece)) else "this number is too large: write it as a string"


def _duplicate(text: str, piece: str, position: int, seen: dict[str, int] | None) -> str:
    if seen is None:
        return ""
    key = json.loads(piece, strict=False)
    first = seen.setdefault(key, position)
    if first == position:
        return ""
    return f"the key {piece} stands here twice, first in {place(text, first)}: keep one"


def _is_encodable(piece: str) -> bool:
    try:
        str(json.loads(piece, strict=False)).encode()
    except UnicodeEncodeError:
        return False
    return True
