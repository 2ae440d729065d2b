"""Finds the task that a stack belongs to."""

from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FunctionType

from taskengine.project.catalog import CatalogEntry
from taskengine.watchdog.stacks import Stack


def task_in(stack: Stack, entries: Iterable[CatalogEntry]) -> CatalogEntry | None:
    """The task whose function, or else whose file, a stack is in."""
    candidates = tuple(entries)
    codes = tuple(stack.codes)
    for code in codes:
        for entry in candidates:
            if code is _code_of(entry):
                return entry
    for code in codes:
        for entry in candidates:
            if entry.path is not None and Path(code.co_filename) == entry.path:
                return entry
    return None


def _code_of(entry: CatalogEntry) -> CodeType | None:
    """A plain function's code; anything else would have to be asked, and may be users' code."""
    function = entry.function
    return function.__code__ if isinstance(function, FunctionType) else None
