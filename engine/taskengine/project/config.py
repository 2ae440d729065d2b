"""What a project's config says, as frozen values; what is wrong with it, as problems."""

import logging
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import normalize

import msgspec

from taskengine.options import OPTION_NAMES
from taskengine.problem import Problem, ProblemKind
from taskengine.project.config_file import ConfigFile, read_config_file
from taskengine.project.config_options import default_options, task_options
from taskengine.project.history_config import HistoryConfig, read_history_config
from taskengine.project.option_error import OptionError
from taskengine.project.option_readers import read_duration
from taskengine.project.server_config import (
    SchedulerKind,
    ServerConfig,
    read_scheduler_kind,
    read_server_config,
)
from taskengine.project.tables import read_items, read_table
from taskengine.project.toml_places import KeyPath
from taskengine.project.written_options import OptionLayer, option_problem
from taskengine.schedule.cron import CronError, check_timezone

DEFAULT_TASKS_DIR = "tasks"
DEFAULT_STOP_GRACE = 10.0
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class TaskConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A `[tasks."name"]` table. `options` holds those that are right."""

    handler: str = ""
    description: str = ""
    options: OptionLayer = {}
    line: int | None = None
    handler_line: int | None = None


class ScheduleConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One schedule from `[scheduled_tasks]` or from a task's table, as it was written."""

    task: str
    cron: str
    timezone: str | None = None
    payload: Mapping[str, Any] = {}
    line: int | None = None


class CaptureConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The `[capture]` table. `log_level` is the root logger's, by one of logging's five names."""

    log_level: str = logging.getLevelName(logging.INFO)


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All of a project's config. `path` is the file it comes from, None if there is none.

    `tasks_dir` is relative to the root; `tasks_dir_line` is where it stands, None if it was not
    written. `timezone` None means the machine's own. `stop_grace` is how many seconds the runs that
    go on get to end by themselves when the engine stops. `defaults` are the options of tasks that
    say nothing else.
    """

    path: Path | None = None
    tasks_dir: str = DEFAULT_TASKS_DIR
    tasks_dir_line: int | None = None
    timezone: str | None = None
    stop_grace: float = DEFAULT_STOP_GRACE
    defaults: OptionLayer = {}
    tasks: Mapping[str, TaskConfig] = {}
    schedules: tuple[ScheduleConfig, ...] = ()
    capture: CaptureConfig = CaptureConfig()
    history: HistoryConfig = HistoryConfig()
    server: ServerConfig = ServerConfig()
    scheduler: SchedulerKind = SchedulerKind.INTERNAL


# What Linux and macOS take for one name, and a part of what they take for a path with the root's.
_NAME_BYTES = 255
_PATH_BYTES = 512


class _RootTable(msgspec.Struct, kw_only=True):
    tasks_dir: str = DEFAULT_TASKS_DIR
    timezone: str | None = None
    stop_grace: Any = DEFAULT_STOP_GRACE
    defaults: dict[str, Any] = {}
    tasks: dict[str, Any] = {}
    scheduled_tasks: dict[str, Any] = {}
    capture: dict[str, Any] = {}
    history: dict[str, Any] = {}
    server: Any = {}
    scheduler: Any = SchedulerKind.INTERNAL


class _TaskTable(msgspec.Struct, kw_only=True):
    handler: str = ""
    description: str = ""
    schedule: str | dict[str, Any] | list[Any] = []


class _CaptureTable(msgspec.Struct, kw_only=True):
    log_level: str = CaptureConfig().log_level


class _TaskScheduleItem(msgspec.Struct, kw_only=True):
    cron: str
    timezone: str | None = None
    payload: dict[str, Any] = {}


class _ScheduledTaskItem(msgspec.Struct, kw_only=True):
    task: str
    timezone: str | None = None
    payload: dict[str, Any] = {}


def read_config(root: Path, last_good: Config | None = None) -> tuple[Config, tuple[Problem, ...]]:
    """The config of the project at `root` and all that is wrong with it. Raises nothing.

    A wrong key counts for nothing and the others stand. A file that can't be read as TOML at all
    gives `last_good`, the config as it was before.
    """
    file = read_config_file(root)
    if file.table is None:
        unread = Config(path=file.path, server=ServerConfig(is_sound=False))
        return last_good or unread, file.problems
    reader = _Reader(file)
    config = reader.read(file.table)
    return config, (*file.problems, *reader.problems)


class _Reader:
    """Turns one file's table into a `Config` and collects its problems."""

    def __init__(self, file: ConfigFile) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def read(self, table: Mapping[str, object]) -> Config:
        root = read_table(table, _RootTable, (), self._report)
        tasks = {name: self._task_table(name, item) for name, item in root.tasks.items()}
        options = {name: self._task_options(name, item) for name, item in root.tasks.items()}
        schedules = [
            *self._scheduled_tasks(root.scheduled_tasks),
            *(one for name, task in tasks.items() for one in self._task_schedules(name, task)),
        ]
        tasks_dir = self._tasks_dir(root.tasks_dir)
        return Config(
            path=self._file.path,
            tasks_dir=tasks_dir,
            tasks_dir_line=self._tasks_dir_line(table.get("tasks_dir"), tasks_dir),
            timezone=self._timezone(root.timezone),
            stop_grace=self._stop_grace(root.stop_grace),
            defaults=default_options(root.defaults, self._file, self._report),
            tasks={as_name(name): self._task(name, tasks[name], options[name]) for name in tasks},
            schedules=tuple(schedules),
            capture=CaptureConfig(log_level=self._log_level(root.capture)),
            history=read_history_config(root.history, self._report),
            server=read_server_config(root.server, self._report),
            scheduler=read_scheduler_kind(root.scheduler, self._report),
        )

    def _report(self, at: KeyPath, message: str, hint: str) -> None:
        problem = Problem(
            kind=ProblemKind.CONFIG,
            message=message,
            path=self._file.path,
            line=self._line(*at),
            hint=hint,
        )
        self.problems.append(problem)

    def _line(self, *at: str | int) -> int | None:
        return self._file.places.line(*at)

    def _task_table(self, name: str, item: object) -> _TaskTable:
        return read_table(item, _TaskTable, ("tasks", name), self._report, OPTION_NAMES)

    def _task_options(self, name: str, item: object) -> OptionLayer:
        def report(at: KeyPath, message: str, hint: str) -> None:
            line = self._line(*at)
            problem = option_problem(as_name(name), message, self._file.path, line, hint)
            self.problems.append(problem)

        table = item if isinstance(item, dict) else {}
        return task_options(table, ("tasks", name), self._file, report)

    def _task(self, name: str, table: _TaskTable, options: OptionLayer) -> TaskConfig:
        return TaskConfig(
            handler=table.handler,
            description=table.description,
            options=options,
            line=self._line("tasks", name),
            handler_line=self._line("tasks", name, "handler"),
        )

    def _task_schedules(self, name: str, table: _TaskTable) -> list[ScheduleConfig]:
        at = ("tasks", name, "schedule")
        items = read_items(table.schedule, _TaskScheduleItem, "cron", at, self._report)
        return [
            ScheduleConfig(
                task=as_name(name),
                cron=item.cron,
                timezone=item.timezone,
                payload=msgspec.to_builtins(item.payload),
                line=self._line(*place),
            )
            for place, item in items
        ]

    def _scheduled_tasks(self, table: Mapping[str, object]) -> list[ScheduleConfig]:
        return [
            ScheduleConfig(
                task=as_name(item.task),
                cron=cron,
                timezone=item.timezone,
                payload=msgspec.to_builtins(item.payload),
                line=self._line(*place),
            )
            for cron, value in table.items()
            for place, item in read_items(
                value, _ScheduledTaskItem, "task", ("scheduled_tasks", cron), self._report
            )
        ]

    def _tasks_dir(self, text: str) -> str:
        path = PurePosixPath(text)
        if not _can_be_a_folder(path):
            message = "`tasks_dir` is longer than a path can be, or has a character that none has"
            self._report(("tasks_dir",), message, f'such as "{DEFAULT_TASKS_DIR}"')
            return DEFAULT_TASKS_DIR
        if path.is_absolute() or ".." in path.parts or str(path) in {".", "src"}:
            message = f"`tasks_dir` must name a folder of its own inside the project, not {text!r}"
            self._report(("tasks_dir",), message, f'such as "{DEFAULT_TASKS_DIR}"')
            return DEFAULT_TASKS_DIR
        return str(path)

    def _tasks_dir_line(self, written: object, taken: str) -> int | None:
        is_taken = isinstance(written, str) and str(PurePosixPath(written)) == taken
        return self._line("tasks_dir") if is_taken else None

    def _timezone(self, name: str | None) -> str | None:
        """The project's zone, if there is one of that name."""
        if name is None:
            return None
        try:
            check_timezone(name)  # no expression is read for that, which would take some time
        except CronError as error:
            self._report(("timezone",), str(error), error.hint)
            return None
        return name

    def _stop_grace(self, value: object) -> float:
        try:
            return read_duration(value)
        except OptionError as error:
            self._report(("stop_grace",), f"`stop_grace` {error}", error.hint)
            return DEFAULT_STOP_GRACE

    def _log_level(self, table: Mapping[str, object]) -> str:
        level = read_table(table, _CaptureTable, ("capture",), self._report).log_level.upper()
        if level in _LEVELS:
            return level
        message = f"there is no log level {level!r}"
        self._report(("capture", "log_level"), message, f"use one of {', '.join(_LEVELS)}")
        return CaptureConfig().log_level


def _can_be_a_folder(path: PurePosixPath) -> bool:
    whole = str(path)
    longest = max((len(part.encode()) for part in path.parts), default=0)
    return "\0" not in whole and longest <= _NAME_BYTES and len(whole.encode()) <= _PATH_BYTES


def as_name(text: str) -> str:
    """A task's name as it is compared: one and the same however its letters were composed."""
    return normalize("NFC", text)
