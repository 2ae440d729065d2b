"""Which lines are shown: a threshold over log levels in which streams have their place too."""

from enum import IntEnum

from taskconsole.widgets.output.reading import KIND_AT
from taskengine.output import OutputKind


class Threshold(IntEnum):
    """The least level that is shown. Notes of the engine are shown always."""

    ALL = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The threshold in words; empty where nothing is left out."""
        return "" if self is Threshold.ALL else f"{self.name} and up"

    def next(self) -> "Threshold":
        """The next stricter one; after the strictest all lines again."""
        return Threshold((self + 1) % len(Threshold))

    def admits(self, encoded: str) -> bool:
        """Whether an encoded line is shown. Standard error counts as a warning."""
        return _RANKS[encoded[KIND_AT]] >= self


_RANKS: dict[str, Threshold] = {
    OutputKind.DEBUG.value: Threshold.ALL,
    OutputKind.STDOUT.value: Threshold.INFO,
    OutputKind.INFO.value: Threshold.INFO,
    OutputKind.STDERR.value: Threshold.WARNING,
    OutputKind.WARNING.value: Threshold.WARNING,
    OutputKind.ERROR.value: Threshold.ERROR,
    OutputKind.CRITICAL.value: Threshold.ERROR,
    OutputKind.NOTE.value: Threshold.ERROR,
}
