"""The lines of the chunks that were read last, so that scrolling does not unpack them again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from taskengine.history.sqlite.chunks import ChunkKey

MOST_CHARS = 8_000_000
_PER_LINE = 60  # what a string takes besides its characters


class ChunkCache:
    """Bounded by about how many bytes it takes. Used by any thread."""

    def __init__(self, most_chars: int = MOST_CHARS) -> None:
        self._most_chars = most_chars
        self._chunks: OrderedDict[ChunkKey, tuple[Sequence[str], int]] = OrderedDict()
        self._chars = 0
        self._lock = threading.Lock()

    def lines(self, key: ChunkKey, load: Callable[[ChunkKey], str | None]) -> Sequence[str] | None:
        """The lines of a chunk; what `load` gives is split and kept. None if it gives nothing."""
        with self._lock:
            if found := self._chunks.get(key):
                self._chunks.move_to_end(key)
                return found[0]
        text = load(key)
        if text is None:
            return None
        lines = text.split("\n")
        self._keep(key, lines, len(text) + _PER_LINE * len(lines))
        return lines

    def _keep(self, key: ChunkKey, lines: Sequence[str], chars: int) -> None:
        with self._lock:
            if key not in self._chunks:
                self._chunks[key] = lines, chars
                self._chars += chars
            while self._chars > self._most_chars and len(self._chunks) > 1:
                _, (_, dropped) = self._chunks.popitem(last=False)
                self._chars -= dropped
