"""How much of a project's history is kept, and how safe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from taskengine.options import Options

DEFAULT_MAX_SIZE = 1_000_000_000
DEFAULT_MAX_OUTPUT = 256_000_000


class Durability(StrEnum):
    """What an acknowledged fact survives: the death of the process, or also of the machine."""

    PROCESS = "process"
    POWER_LOSS = "power-loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The latest `runs`, none that ended longer ago than `age`, and no more than `size` bytes of
    them; None: no bound.
    """

    runs: int | None = None
    age: timedelta | None = None
    size: int | None = None

    @classmethod
    def of(cls, options: Options) -> "Retention":
        """What a task's options ask for."""
        days = options.keep_days
        age = None if days is None else timedelta(days=days)
        return cls(runs=options.keep_runs, age=age, size=options.max_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """`project` bounds all runs together, `tasks` those of each task besides. `max_output` is how
    many bytes of one run's output are kept: its beginning and its end.
    """

    durability: Durability = Durability.PROCESS
    project: Retention = Retention(size=DEFAULT_MAX_SIZE)
    tasks: Mapping[str, Retention] = field(default_factory=lambda: MappingProxyType({}))
    max_output: int = DEFAULT_MAX_OUTPUT
