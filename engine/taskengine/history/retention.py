"""How much of a task's history is kept."""

from dataclasses import dataclass
from datetime import timedelta

from taskengine.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The latest `runs` of a task, and none that ended longer ago than `age`; None: no bound."""

    runs: int | None = None
    age: timedelta | None = None

    @classmethod
    def of(cls, options: Options) -> "Retention":
        """What a task's options ask for."""
        days = options.keep_days
        return cls(runs=options.keep_runs, age=None if days is None else timedelta(days=days))
