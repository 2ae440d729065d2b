"""The project: where it is, and what its files tell of its tasks."""

import os
from collections.abc import Iterator
from pathlib import Path

from taskconsole.cli.doctor.finding import Finding
from taskconsole.cli.printing import count
from taskengine.project.catalog import Catalog
from taskengine.project.config_file import CONFIG_NAME, config_path
from taskengine.project.project import Project
from taskengine.project.zone import default_timezone


def look(root: Path) -> Iterator[Finding]:
    """The root, the config and the tasks. None of their code runs."""
    yield _root(root)
    yield _config(root)
    with Project(root, default_timezone=default_timezone) as project:
        yield _tasks(root, project.scan())


def _root(root: Path) -> Finding:
    if not os.access(root, os.R_OK | os.X_OK):
        return Finding.fail("root", f"{root} can't be read", "look at its owner and permissions")
    if not os.access(root, os.W_OK):
        advice = "history is kept in memory only, unless the folder becomes writable"
        return Finding.warn("root", f"{root} can't be written to", advice)
    return Finding.ok("root", str(root))


def _config(root: Path) -> Finding:
    path = config_path(root)
    if path is None:
        advice = f"an empty {CONFIG_NAME} marks the root, so that it is found from folders below"
        return Finding.warn("config", f"none in {root}", advice)
    return Finding.ok("config", str(path))


def _tasks(root: Path, catalog: Catalog) -> Finding:
    folder = root / catalog.config.tasks_dir
    tasks, problems = len(catalog.entries), len(catalog.problems)
    text = f"{count(tasks, 'task')}, {count(len(catalog.schedules), 'schedule')}"
    if problems:
        advice = "`taskconsole check` tells them all, and imports the tasks, too"
        return Finding.warn("tasks", f"{text}, {count(problems, 'problem')}", advice)
    if not tasks:
        return Finding.warn("tasks", f"none in {folder}", "`taskconsole task new NAME` makes one")
    return Finding.ok("tasks", f"{text} in {folder}, no problem in their text")
