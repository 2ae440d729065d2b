"""Has Python parse something while other threads do so, too."""

from collections.abc import Callable
from typing import TypeVar

Parsed = TypeVar("Parsed")
_TRIES = 10


def parsed(parse: Callable[[], Parsed]) -> Parsed:
    """What `parse` gives back: a syntax tree, or a traceback as text, for whose marks the lines are
    parsed.

    Before 3.11.8 and 3.12.2, Python may lose count of a tree's depth when another thread parses at
    the same time, and raises SystemError (https://github.com/python/cpython/issues/106905).
    """
    for _ in range(_TRIES - 1):
        try:
            return parse()
        except SystemError:
            continue
    return parse()
