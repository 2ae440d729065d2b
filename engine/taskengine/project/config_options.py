"""The options that a config sets: of one task, and of all tasks that say nothing else."""

from collections.abc import Iterator, Mapping
from typing import Any

from taskengine.options import OPTION_NAMES
from taskengine.project.config_file import ConfigFile
from taskengine.project.tables import Report
from taskengine.project.toml_places import KeyPath
from taskengine.project.written_options import CheckedOption, OptionLayer, read_options
from taskengine.wording import did_you_mean

_OF_ONE_TASK: Mapping[str, str] = {
    "handler": "it belongs to one task",
    "description": "it belongs to one task",
    "schedule": "it belongs to one task, or into [scheduled_tasks]",
    "run_on_startup": "it belongs to one task",
    "timezone": "the key `timezone` at the top of the file is for all tasks",
}
DEFAULT_NAMES = OPTION_NAMES - set(_OF_ONE_TASK)


def task_options(
    table: Mapping[str, object], at: KeyPath, file: ConfigFile, report: Report
) -> OptionLayer:
    """The options in a task's table that are right."""
    return dict(_checked(table, OPTION_NAMES, at, file, report))


def default_options(table: Mapping[str, object], file: ConfigFile, report: Report) -> OptionLayer:
    """The options in `[defaults]` that are right; a key that is none of them is reported."""
    at = ("defaults",)
    for key in table:
        if key in _OF_ONE_TASK:
            report((*at, key), f"`{key}` can't be a default", _OF_ONE_TASK[key])
        elif key not in DEFAULT_NAMES:
            report((*at, key), f"unknown key `{key}`", did_you_mean(key, sorted(DEFAULT_NAMES)))
    return dict(_checked(table, DEFAULT_NAMES, at, file, report))


def _checked(
    table: Mapping[str, Any], names: frozenset[str], at: KeyPath, file: ConfigFile, report: Report
) -> Iterator[tuple[str, CheckedOption]]:
    written = {name: value for name, value in table.items() if name in names}
    for name, value in read_options(written, at, report):
        line = file.places.line(*at, name)
        yield name, CheckedOption(value=value, path=file.path, line=line)
