"""What a run assigns to `sys.stdout` or `sys.stderr` counts for that run alone.

Else it would take the lines of every other run, and leave them without a stream when it is closed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from taskengine.capture.current import current_sink
from taskengine.capture.redirection import lead_back, redirect
from taskengine.capture.streams import RoutedStream
from taskengine.output import OutputKind

_KINDS = {"stdout": OutputKind.STDOUT, "stderr": OutputKind.STDERR}


class _Sys(ModuleType):
    """The module `sys`, with an ear for assignments."""

    def __setattr__(self, name: str, value: object) -> None:
        if not _is_taken_by_run(name, value):
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if not _is_taken_by_run(name, None):
            super().__delattr__(name)


class _Users:
    """How many captures rely on it."""

    count = 0


@contextmanager
def assignments_per_run() -> Iterator[None]:
    """Listen as long as this is open."""
    _Users.count += 1
    module: Any = sys
    if type(sys) is ModuleType:
        module.__class__ = _Sys
    try:
        yield
    finally:
        _Users.count -= 1
        if _Users.count == 0 and type(sys) is _Sys:
            module.__class__ = ModuleType


def _is_taken_by_run(name: str, value: object) -> bool:
    output = current_sink.get()
    kind = _KINDS.get(name)
    if output is None or kind is None or not isinstance(getattr(sys, name, None), RoutedStream):
        return False
    if isinstance(value, RoutedStream) and value.kind is kind:
        lead_back(output, kind)
    else:
        redirect(output, kind, value)
    return True
