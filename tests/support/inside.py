"""Counts which runs of a task and key are at work at a time, from inside their bodies."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_at_work: Counter[tuple[str, str]] = Counter()
crowded: list[str] = []


@contextmanager
def inside(task: str, key: str, limit: int = 1) -> Iterator[None]:
    """Be at work; more than `limit` at a time are noted in `crowded`."""
    with _lock:
        _at_work[task, key] += 1
        if _at_work[task, key] > limit:
            crowded.append(f"{_at_work[task, key]} runs of {task} with key {key!r} at a time")
    try:
        yield
    finally:
        with _lock:
            _at_work[task, key] -= 1
