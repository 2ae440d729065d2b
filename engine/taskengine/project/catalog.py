"""The catalog: all tasks of a project and all that is wrong with it, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taskengine.errors import TaskNotImplemented
from taskengine.options import Options
from taskengine.payload.payload_type import PayloadType
from taskengine.problem import Problem
from taskengine.project.config import Config
from taskengine.project.origin import CodeOrigin
from taskengine.schedule.entry import ScheduleEntry
from taskengine.task import TaskFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class Runnable:
    """All that it takes to run a task, as of one version of its code.

    `payload_type` is None for a payload that is a plain dict; `origin` for code that no other
    process could find.
    """

    name: str
    function: TaskFunction
    options: Options = field(default_factory=Options)
    payload_type: PayloadType | None = None
    origin: CodeOrigin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """One task, or the file that ought to hold one.

    `function` is None if nothing can be run: not imported yet (`loaded` is False), or never good.
    A function beside a problem is the last good version, unless the problem's kind `spares_code`.
    `path` is absolute; `line` is where the function begins, from 1.
    """

    name: str
    title: str = ""
    description: str = ""
    path: Path | None = None
    line: int | None = None
    function: TaskFunction | None = None
    is_async: bool = False
    options: Options = field(default_factory=Options)
    payload_type: PayloadType | None = None
    origin: CodeOrigin | None = None
    schedules: tuple[ScheduleEntry, ...] = ()
    problem: Problem | None = None
    loaded: bool = False

    @property
    def runnable(self) -> Runnable:
        """The task as it can be run. Raises TaskNotImplemented."""
        if self.function is None:
            raise TaskNotImplemented(self.name)
        return Runnable(
            name=self.name,
            function=self.function,
            options=self.options,
            payload_type=self.payload_type,
            origin=self.origin,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All tasks by name, in order of names, and all problems, in order of their places.

    `timezone` is the IANA name of the zone for schedules that name none.
    """

    entries: Mapping[str, CatalogEntry] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    config: Config = field(default_factory=Config)
    timezone: str = "UTC"

    @property
    def schedules(self) -> tuple[ScheduleEntry, ...]:
        """The schedules of all tasks."""
        return tuple(one for entry in self.entries.values() for one in entry.schedules)
