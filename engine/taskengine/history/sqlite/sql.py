"""Pieces of SQL."""

from collections.abc import Sized


def marks(values: Sized) -> str:
    """As many question marks as there are values, for what stands in `IN (...)`."""
    return ", ".join("?" * len(values))
