"""Which sources a project has: the tasks folder's files, with the config's handlers over them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from taskengine.problem import Problem, ProblemKind
from taskengine.project.config import Config, TaskConfig
from taskengine.project.definition import Definition
from taskengine.project.discovery import entries_in, find_task_files
from taskengine.project.file_source import FileSource
from taskengine.project.handler import parse_handler
from taskengine.project.handler_source import HandlerSource
from taskengine.project.source import TaskSource
from taskengine.wording import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where each task comes from. `faulty` are tasks that the config names without usable code."""

    sources: Mapping[str, TaskSource] = field(default_factory=dict)
    faulty: Mapping[str, Definition] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def make_plan(root: Path, config: Config) -> Plan:
    """Look for task files and lay the config's handlers over them."""
    found = find_task_files(root / config.tasks_dir)
    sources: dict[str, TaskSource] = {file.name: FileSource(file) for file in found.files}
    faulty: dict[str, Definition] = {}
    for name, task in config.tasks.items():
        if not task.handler and name in sources:
            continue
        sources.pop(name, None)
        try:
            sources[name] = _handler_source(root, config, name, task)
        except ValueError as error:
            faulty[name] = _faulty(config, name, task, str(error))
    missing = _missing_folder(root, config)
    problems = (*found.problems, *([missing] if missing else []))
    return Plan(sources=sources, faulty=faulty, problems=problems)


def _missing_folder(root: Path, config: Config) -> Problem | None:
    """What is wrong with a tasks folder that the config names; nobody need have the usual one."""
    folder = root / config.tasks_dir
    if config.tasks_dir_line is None or os.path.lexists(folder):
        return None
    others = [entry.name for entry in entries_in(root) if entry.is_dir()]
    likely = did_you_mean(config.tasks_dir, others)
    return Problem(
        kind=ProblemKind.CONFIG,
        message=f"`tasks_dir` names a folder that is not there: {config.tasks_dir!r}",
        path=config.path,
        line=config.tasks_dir_line,
        hint=likely or "make it, or name the folder that the tasks are in",
    )


def _handler_source(root: Path, config: Config, name: str, task: TaskConfig) -> HandlerSource:
    if not task.handler or config.path is None:
        raise ValueError(f"`{name}` has neither a file nor a handler")
    return HandlerSource(
        name=name,
        handler=parse_handler(task.handler, root),
        config_path=config.path,
        line=task.handler_line,
    )


def _faulty(config: Config, name: str, task: TaskConfig, message: str) -> Definition:
    file = f"{config.tasks_dir}/{name.replace(':', '/')}.py"
    problem = Problem(
        kind=ProblemKind.CONFIG if task.handler else ProblemKind.NOT_IMPLEMENTED,
        message=message,
        path=config.path,
        line=task.handler_line if task.handler else task.line,
        hint="" if task.handler else f"write {file}, or give it a handler",
    )
    return Definition(name=name).with_problem(problem)
