"""How long the writer waits for what."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """In seconds.

    `busy`: for another process that writes. `first_retry`, and twice as long each time up to
    `last_retry`: until a file that could not be written is tried again. `quiet`: after a write,
    before chores are done; `longest_quiet`: the same where there is hardly a moment without writes.
    `idle`: after a write, before the log is brought into the file.
    """

    busy: float = 1.0
    first_retry: float = 0.5
    last_retry: float = 5.0
    quiet: float = 0.05
    longest_quiet: float = 1.0
    idle: float = 2.0

    def retries(self) -> Iterator[float]:
        """The pause before each retry."""
        pause = self.first_retry
        while True:
            yield pause
            pause = min(2 * pause, self.last_retry)
