"""Rows that make no sense, for a bit of the file has flipped where SQLite does not notice.

One of them must not hide the others, nor keep an engine from starting.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, TypeVar

from msgspec import DecodeError

T = TypeVar("T")
Row: TypeAlias = tuple[Any, ...]

SENSELESS = (
    ArithmeticError,  # an instant beyond all dates
    AttributeError,
    DecodeError,
    LookupError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What it raises to make something of such a row."""


def readable(rows: Iterable[Row], make: Callable[[Row], T]) -> Iterator[T]:
    """What `make` makes of the rows, without those that make no sense."""
    for row in rows:
        try:
            made = make(row)
        except SENSELESS:
            continue
        yield made
