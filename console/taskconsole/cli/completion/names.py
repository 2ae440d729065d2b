"""The names that a shell can complete: of tasks, and the numbers of runs.

Whoever presses Tab waits for it, and can't be told anything: what is not known in a moment, or goes
wrong, gives no names and no words.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import TypeAlias

import click
from click.shell_completion import CompletionItem

Completions: TypeAlias = list[CompletionItem[str]]
Complete: TypeAlias = Callable[[click.Context, click.Parameter, str], Completions]

_PATIENCE = 0.15  # seconds that an engine has to answer
_LATEST = 50


def _quiet(complete: Complete) -> Complete:
    @wraps(complete)
    def complete_or_nothing(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> Completions:
        try:
            return complete(ctx, param, incomplete)
        except Exception:  # noqa: BLE001 - see above
            return []

    return complete_or_nothing


@_quiet
def complete_tasks(ctx: click.Context, param: click.Parameter, incomplete: str) -> Completions:
    """Names of tasks that begin with a text, and were not given before."""
    from taskconsole.cli.printing import in_one_line
    from taskconsole.cli.project import root_of

    given = ctx.params.get(param.name or "") or ()
    root = root_of(ctx)
    known = _tasks_of_engine(root) or dict.fromkeys(_tasks_on_disk(root), "")
    return [
        CompletionItem(name, help=in_one_line(description) or None)
        for name, description in known.items()
        if name.isprintable()  # an answer takes a line, and a menu shows it as it is
        and name.startswith(incomplete)
        and (isinstance(given, str) or name not in given)
    ]


@_quiet
def complete_runs(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    incomplete: str,
) -> Completions:
    """Numbers of the latest runs that begin with a text, the latest first."""
    from taskconsole.cli.printing import in_one_line
    from taskconsole.cli.project import root_of

    return [
        CompletionItem(str(number), help=in_one_line(f"{task} {state}"))
        for number, task, state in _latest_runs(root_of(ctx))
        if str(number).startswith(incomplete)
    ]


@_quiet
def complete_zones(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> Completions:
    """Names of time zones that begin with a text, whatever the case."""
    from zoneinfo import available_timezones

    wanted = incomplete.lower()
    return [CompletionItem(zone) for zone in sorted(available_timezones()) if _begins(zone, wanted)]


def _begins(zone: str, wanted: str) -> bool:
    return zone.lower().startswith(wanted)


def _tasks_of_engine(root: Path) -> dict[str, str] | None:
    """The tasks with their descriptions, as a running engine knows them; None without one."""
    from taskengine.client.find_engine import find_engine

    note = find_engine(root)
    if note is None or not (note.socket or note.url):
        return None
    from taskengine.client.calls import Calls
    from taskengine.errors import TaskError

    with closing(Calls(note.socket or note.url, timeout=_PATIENCE)) as calls:
        try:
            tasks = calls.get("tasks")["tasks"]
        except TaskError:
            return None
    return {task["view"]["name"]: task["view"]["description"] for task in tasks}


def _tasks_on_disk(root: Path) -> Iterable[str]:
    """The tasks by the config and by the names of files, none of which is read."""
    from taskengine.project.config import read_config
    from taskengine.project.discovery import find_task_files

    config, _ = read_config(root)
    files = find_task_files(root / config.tasks_dir).files
    return sorted({*config.tasks, *(file.name for file in files)})


def _latest_runs(root: Path) -> Sequence[tuple[int, str, str]]:
    """The latest runs in the history's file, by their number, task and state."""
    from taskengine.history.folder import HistoryFolder
    from taskengine.history.sqlite.glance import latest_runs

    return latest_runs(HistoryFolder.of(root).database, _LATEST)
