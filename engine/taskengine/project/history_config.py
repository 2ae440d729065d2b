"""The `[history]` table of a config: how much of what ran is kept, and how safe."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from taskengine.project.option_readers import Reader, one_of, read_keys, sized
from taskengine.project.option_values import READERS
from taskengine.project.tables import Report

DEFAULT_MAX_SIZE = 1_000_000_000
DEFAULT_MAX_OUTPUT = 256_000_000
_SMALLEST_OUTPUT = 1_000_000


class Durability(StrEnum):
    """What an acknowledged fact survives: the death of the process, or also of the machine."""

    PROCESS = "process"
    POWER_LOSS = "power-loss"


class HistoryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[history]` table. `keep_runs`, `keep_days` and `max_size` (bytes) bound the runs of all
    tasks together, None: no bound; `max_output` is bytes of one run's output.
    """

    durability: Durability = Durability.PROCESS
    keep_runs: int | None = None
    keep_days: float | None = None
    max_size: int | None = DEFAULT_MAX_SIZE
    max_output: int = DEFAULT_MAX_OUTPUT


_READERS: Mapping[str, Reader] = {
    "durability": one_of(Durability),
    **{name: READERS[name] for name in ("keep_runs", "keep_days", "max_size")},
    "max_output": sized(_SMALLEST_OUTPUT, "1 MB, which is the least"),
}


def read_history_config(table: Mapping[str, object], report: Report) -> HistoryConfig:
    """What the table says. A key that is wrong counts for nothing, and goes to `report`."""
    return HistoryConfig(**read_keys(table, "history", _READERS, report))
