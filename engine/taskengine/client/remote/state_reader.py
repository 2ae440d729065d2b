"""Reads the state of an engine in slices: that of 10,000 tasks would keep the loop for a second."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from taskengine.client.views import TaskView
from taskengine.client.wire.form import from_json
from taskengine.client.wire.messages import Standing, State

_AT_ONCE = 100
_LARGE = 500_000  # bytes; less than that is read in a few milliseconds

T = TypeVar("T")


async def read_state(text: bytes) -> State:
    """The state that was made into JSON. Raises ValueError for what is none."""
    if len(text) < _LARGE:
        return from_json(text, State)
    parts = from_json(text, dict[str, msgspec.Raw])
    views: list[TaskView] = []
    for some in _slices(from_json(bytes(parts.pop("tasks", b"[]")), list[msgspec.Raw])):
        views += from_json(b"[%s]" % b",".join(map(bytes, some)), list[TaskView])
        await asyncio.sleep(0)
    standings: dict[str, Standing] = {}
    raw = from_json(bytes(parts.pop("standings", b"{}")), dict[str, msgspec.Raw])
    for names in _slices(list(raw)):
        standings.update((name, from_json(bytes(raw[name]), Standing)) for name in names)
        await asyncio.sleep(0)
    rest = b"".join(b'"%s":%s,' % (name.encode(), bytes(one)) for name, one in parts.items())
    state = from_json(b'{%s"tasks":[],"standings":{}}' % rest, State)
    return msgspec.structs.replace(state, tasks=tuple(views), standings=standings)


def _slices(ones: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(ones), _AT_ONCE):
        yield ones[start : start + _AT_ONCE]
