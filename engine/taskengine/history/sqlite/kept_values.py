"""Values in memory that a file is to have, too."""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Taken(Generic[K, V]):
    """`values` are to be saved; the file is to have nothing of the keys that were `dropped`."""

    values: Mapping[K, V]
    dropped: Sequence[K]


class KeptValues(Generic[K, V]):
    """Values by their keys, and which of them the file does not have as they are. For any thread.

    `is_wanted` says of a value whether it stays in memory when the file has it. Of more than `most`
    values the oldest go.
    """

    def __init__(
        self, is_wanted: Callable[[V], bool] = lambda _: True, *, most: int | None = None
    ) -> None:
        self._is_wanted = is_wanted
        self._most = most
        self._values: dict[K, V] = {}
        self._unsaved: set[K] = set()
        self._being_saved: set[K] = set()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value of a key."""
        return self._values.get(key)

    def values(self) -> dict[K, V]:
        """All values at this moment."""
        with self._lock:
            return dict(self._values)

    def put(self, key: K, value: V) -> None:
        """Have a value, which is to be saved."""
        with self._lock:
            self._values[key] = value
            self._unsaved.add(key)
            if self._most is not None and len(self._values) > self._most:
                oldest = next(iter(self._values))
                del self._values[oldest]
                self._unsaved.discard(oldest)

    def put_saved(self, key: K, value: V) -> None:
        """Have a value that the file has already."""
        with self._lock:
            self._values[key] = value

    def drop(self, key: K) -> None:
        """Have a value no more; the file is not to have it, either."""
        with self._lock:
            self._values.pop(key, None)
            self._unsaved.add(key)

    def drop_saved(self, key: K) -> None:
        """Have a value no more, whatever the file does."""
        with self._lock:
            self._values.pop(key, None)
            self._unsaved.discard(key)

    def put_all_again(self) -> None:
        """Let all values be saved, for the file has none of them any more."""
        with self._lock:
            self._unsaved |= self._values.keys()

    def unsaved(self) -> dict[K, V]:
        """The values that the file may not have as they are."""
        with self._lock:
            keys = self._unsaved | self._being_saved
            return {key: value for key, value in self._values.items() if key in keys}

    @property
    def is_saved(self) -> bool:
        """Whether there is nothing to take, which is nearly always so: asked at every commit."""
        return not self._unsaved and not self._being_saved

    def take(self) -> Taken[K, V]:
        """What is to be saved now. Then comes `saved` or `lost`."""
        with self._lock:
            self._being_saved |= self._unsaved
            self._unsaved.clear()
            keys = self._being_saved
            values = {key: self._values[key] for key in keys if key in self._values}
            return Taken(values, tuple(keys - values.keys()))

    def saved(self) -> None:
        """The file has what was taken."""
        if not self._being_saved:
            return
        with self._lock:
            for key in self._being_saved - self._unsaved:
                value = self._values.get(key)
                if value is not None and not self._is_wanted(value):
                    del self._values[key]
            self._being_saved.clear()

    def lost(self) -> None:
        """The file does not have what was taken."""
        with self._lock:
            self._unsaved |= self._being_saved
            self._being_saved.clear()
