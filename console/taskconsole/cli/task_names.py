"""The names of a project's tasks. None of its code runs for them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from taskconsole.cli.project import engine_of

if TYPE_CHECKING:
    from taskengine.client.calls import Calls


def task_names(root: Path) -> Sequence[str]:
    """All tasks as the engine at work knows them, or else by the text of the project's files.

    Raises EngineUnreachable.
    """
    calls = engine_of(root)
    return names_in_files(root) if calls is None else names_in_engine(calls)


def names_in_engine(calls: "Calls") -> Sequence[str]:
    """The same of an engine. Raises EngineUnreachable."""
    return [one["view"]["name"] for one in calls.get("tasks")["tasks"]]


def names_in_files(root: Path) -> Sequence[str]:
    """The same of the files."""
    from taskengine.project.project import Project
    from taskengine.project.zone import default_timezone

    with Project(root, default_timezone=default_timezone) as project:
        return tuple(project.scan().entries)
