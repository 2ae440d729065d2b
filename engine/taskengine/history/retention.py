"""How much of a project's history is kept, and how safe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from taskengine.options import Options
from taskengine.project.history_config import (
    DEFAULT_MAX_OUTPUT,
    DEFAULT_MAX_SIZE,
    Durability,
    HistoryConfig,
)

__all__ = ["Durability", "HistorySettings", "Retention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The latest `runs`, none that ended longer ago than `age`, and no more than `size` bytes of
    them; None: no bound.
    """

    runs: int | None = None
    age: timedelta | None = None
    size: int | None = None

    @classmethod
    def of(cls, asked: Options | HistoryConfig) -> "Retention":
        """What the options of a task ask for its runs, or the project's config for all."""
        days = asked.keep_days
        age = None if days is None else timedelta(days=days)
        return cls(runs=asked.keep_runs, age=age, size=asked.max_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySettings:
    """`project` bounds all runs together, `tasks` those of each task besides. `max_output` is how
    many bytes of one run's output are kept: its beginning and its end.
    """

    durability: Durability = Durability.PROCESS
    project: Retention = Retention(size=DEFAULT_MAX_SIZE)
    tasks: Mapping[str, Retention] = field(default_factory=lambda: MappingProxyType({}))
    max_output: int = DEFAULT_MAX_OUTPUT

    @classmethod
    def of(cls, config: HistoryConfig, tasks: Mapping[str, Options]) -> "HistorySettings":
        """What the project's config and the options of its tasks, by name, ask for."""
        bounds = {name: Retention.of(options) for name, options in tasks.items()}
        return cls(
            durability=config.durability,
            project=Retention.of(config),
            tasks=MappingProxyType({k: v for k, v in bounds.items() if v != Retention()}),
            max_output=config.max_output,
        )
