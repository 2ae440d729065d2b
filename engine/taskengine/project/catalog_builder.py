"""Puts definitions, config and schedules together into a catalog, entry by entry."""

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from taskengine.options import Options
from taskengine.problem import Problem, ProblemKind
from taskengine.project.catalog import Catalog, CatalogEntry
from taskengine.project.config import Config, ScheduleConfig, TaskConfig
from taskengine.project.definition import Definition, WrittenSchedule
from taskengine.project.effective_options import effective_options
from taskengine.project.origin import CodeOrigin
from taskengine.project.written_schedules import CheckedSchedules, check_schedules
from taskengine.wording import did_you_mean


class CatalogBuilder:
    """A catalog in the making, for the tasks in `definitions`. `put` brings one up to date."""

    def __init__(
        self,
        root: Path,
        config: Config,
        timezone: str,
        problems: Iterable[Problem],
        definitions: Iterable[Definition],
    ) -> None:
        self._root = root
        self._config = config
        self._timezone = timezone
        self._entries: dict[str, CatalogEntry] = {}
        self._task_problems: dict[str, tuple[Problem, ...]] = {}
        self._configured = _by_task(config)
        problems = tuple(problems)
        self._of_config = _option_problems(problems)
        for definition in sorted(definitions, key=lambda one: one.name):
            self.put(definition)
        self._problems = (*problems, *self._unknown_tasks())

    def put(self, definition: Definition) -> None:
        """Take a task's definition for the present one."""
        name = definition.name
        settings = self._config.tasks.get(name, TaskConfig())
        layers = (settings.options, definition.options)
        effective = effective_options(name, layers, self._config.defaults, self._root)
        schedules = self._schedules(definition, effective.options)
        problems = (
            *definition.option_problems,
            *self._of_config.get(name, []),
            *(effective.problems if definition.function else ()),
            *schedules.problems,
        )
        self._task_problems[name] = problems
        self._entries[name] = CatalogEntry(
            name=name,
            title=definition.title,
            description=settings.description or definition.description,
            path=definition.path,
            line=definition.line,
            function=definition.function,
            is_async=definition.is_async,
            options=effective.options,
            payload_type=definition.payload_type,
            origin=self._origin(definition, settings),
            schedules=schedules.entries,
            problem=definition.problem or next(iter(problems), None),
            loaded=definition.loaded,
        )

    def _schedules(self, definition: Definition, options: Options) -> CheckedSchedules:
        written = [*definition.schedules, *self._configured.get(definition.name, [])]
        zone = options.timezone or self._timezone
        return check_schedules(definition.name, written, zone, self._root)

    def _origin(self, definition: Definition, settings: TaskConfig) -> CodeOrigin | None:
        if not definition.importable:
            return None
        return CodeOrigin(
            root=self._root,
            tasks_dir=self._config.tasks_dir,
            name=definition.name,
            handler=definition.handler or settings.handler,
        )

    def build(self) -> Catalog:
        """The catalog as it stands. Any thread may ask while another one puts known tasks."""
        own = [entry.problem for entry in self._entries.values() if entry.problem]
        of_tasks = [one for some in self._task_problems.values() for one in some]
        problems = dict.fromkeys((*self._problems, *own, *of_tasks))
        return Catalog(
            entries=MappingProxyType(dict(self._entries)),
            problems=tuple(sorted(problems, key=_place)),
            config=self._config,
            timezone=self._timezone,
        )

    def _unknown_tasks(self) -> list[Problem]:
        return [
            self._unknown(one) for one in self._config.schedules if one.task not in self._entries
        ]

    def _unknown(self, schedule: ScheduleConfig) -> Problem:
        return Problem(
            kind=ProblemKind.SCHEDULE,
            message=f"schedule {schedule.cron!r}: there is no task `{schedule.task}`",
            path=self._config.path,
            line=schedule.line,
            task=schedule.task,
            hint=did_you_mean(schedule.task, tuple(self._entries)),
        )


def _by_task(config: Config) -> dict[str, list[WrittenSchedule]]:
    found: dict[str, list[WrittenSchedule]] = {}
    for one in config.schedules:
        written = WrittenSchedule(
            cron=one.cron,
            timezone=one.timezone,
            payload=one.payload,
            path=config.path,
            line=one.line,
        )
        found.setdefault(one.task, []).append(written)
    return found


def _option_problems(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """What the config says wrong of the options of each task."""
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.kind is ProblemKind.OPTION and problem.task:
            found.setdefault(problem.task, []).append(problem)
    return found


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return (str(problem.path or ""), problem.line or 0, problem.column or 0, problem.message)
