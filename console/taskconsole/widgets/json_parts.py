"""A JSON value taken apart step by step: members, or groups of them where there are many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeGuard

from taskengine.run import JsonValue

LARGEST_GROUP = 200
_GROUP_STEP = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A value under its key or index, None for a value that stands alone."""

    key: str | int | None
    value: JsonValue

    @property
    def indices(self) -> range:
        """Which members of the value belong to this part; empty for a scalar."""
        return range(len(self.value)) if is_container(self.value) else range(0)

    @property
    def content(self) -> JsonValue:
        """What this part is as JSON."""
        return self.value


@dataclass(frozen=True, slots=True)
class Group:
    """Some neighbouring members of a large value."""

    value: JsonValue
    indices: range

    @property
    def content(self) -> JsonValue:
        """What this group is as JSON."""
        if isinstance(self.value, Mapping):
            return dict(islice(self.value.items(), self.indices.start, self.indices.stop))
        assert isinstance(self.value, Sequence)
        return self.value[self.indices.start : self.indices.stop]


def is_container(value: JsonValue) -> TypeGuard[Sequence[JsonValue] | Mapping[str, JsonValue]]:
    """Whether a value has members."""
    return isinstance(value, (Mapping, list, tuple))


def members(part: Part | Group) -> Iterator[Part | Group]:
    """The members of a part; groups of members where these are more than `LARGEST_GROUP`."""
    size = len(part.indices)
    if size <= LARGEST_GROUP:
        yield from _single_members(part)
        return
    step = _GROUP_STEP
    while size > step * LARGEST_GROUP:
        step *= _GROUP_STEP
    for start in part.indices[::step]:
        yield Group(part.value, range(start, min(start + step, part.indices.stop)))


def _single_members(part: Part | Group) -> Iterator[Part]:
    content = part.content if isinstance(part, Group) else part.value
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield Part(key, value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for index, value in enumerate(content, part.indices.start):
            yield Part(index, value)
