"""The order of names with numbers in them, as people count: `t2` before `t10`."""

import re
from typing import TypeAlias

Natural: TypeAlias = "tuple[str | int, ...]"
_NUMBER = re.compile(r"([0-9]+)")


def natural(name: str) -> Natural:
    """What to sort a name by. Texts and numbers take turns, so that any two names compare."""
    pieces = enumerate(_NUMBER.split(name))
    return tuple(int(piece) if place % 2 else piece for place, piece in pieces)
