"""About how much room a run takes, so that a history can be bounded."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import islice

from taskengine.run import JsonValue, Run

_PLAIN = 8
_END = object()
# More values than this take longer to walk through than an event loop may be held up.
_FEW = 5_000


async def chars_of(run: Run) -> int:
    """Characters of the payload, the result and the error of a run, about as many as in JSON.

    A large result is counted on another thread.
    """
    sizes = list(islice(_sizes(run), _FEW))
    if len(sizes) < _FEW:
        return sum(sizes)
    return await asyncio.to_thread(lambda: sum(_sizes(run)))


def _sizes(run: Run) -> Iterator[int]:
    """The size of each value in a run, and of each key."""
    if error := run.error:
        yield len(error.type) + len(error.message) + len(error.traceback)
    open_values: list[Iterator[JsonValue]] = [iter((run.payload, run.result))]
    while open_values:
        value = next(open_values[-1], _END)
        if value is _END:
            open_values.pop()
            continue
        yield len(value) if isinstance(value, str) else _PLAIN
        if isinstance(value, Mapping):
            open_values += [iter(value.keys()), iter(value.values())]
        elif isinstance(value, list | tuple):
            open_values.append(iter(value))
