"""Runs without what is large, so that many of them can be told of and held."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from taskengine.client.wire.messages import LARGE, LeftOut
from taskengine.run import DelayedRun, MissedFires, Run

_PLAIN = 8  # about as many bytes of JSON as a number takes, or a bracket with its comma
_FIELDS = 700  # about as many as all other fields of a run
_END = object()

P = TypeVar("P", DelayedRun, MissedFires)


def size_of(value: object, most: int = LARGE) -> int:
    """About how many bytes a value takes as JSON; once that is over `most`, no more is counted.

    So it takes no longer for a large value than for one that is just not large.
    """
    size = 0
    for one in _sizes(value):
        size += one
        if size > most:
            break
    return size


def _sizes(value: object) -> Iterator[int]:
    """The size of each value inside a value, and of each key."""
    open_values: list[Iterator[Any]] = [iter((value,))]
    while open_values:
        one = next(open_values[-1], _END)
        if one is _END:
            open_values.pop()
        elif isinstance(one, str):
            yield len(one) + 3
        else:
            yield _PLAIN
            if isinstance(one, dict):
                open_values += [iter(one.keys()), iter(one.values())]
            elif isinstance(one, list | tuple):
                open_values.append(iter(one))


def lean(run: Run, payload_size: int | None = None) -> tuple[Run, LeftOut, int]:
    """A run, which parts of it were large and are left out, and about its size as JSON.

    `payload_size` is that of its payload, where it is known.
    """
    sizes = {
        "payload": size_of(run.payload) if payload_size is None else payload_size,
        "result": size_of(run.result),
    }
    left_out = tuple(name for name, size in sizes.items() if size > LARGE)
    size = _FIELDS + sum(size for name, size in sizes.items() if name not in left_out)
    if error := run.error:
        size += len(error.message) + len(error.traceback)
    if progress := run.progress:
        size += len(progress.message)
    if not left_out:
        return run, (), size
    payload = {} if "payload" in left_out else run.payload
    result = None if "result" in left_out else run.result
    return replace(run, payload=payload, result=result), left_out, size


def lean_payload(value: P) -> tuple[P, LeftOut]:
    """Something else that has a payload, without that if it is large."""
    if size_of(value.payload) <= LARGE:
        return value, ()
    return replace(value, payload={}), ("payload",)
