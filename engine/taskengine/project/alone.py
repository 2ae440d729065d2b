"""One task, imported by itself in a process that does nothing but run it."""

from pathlib import Path

from taskengine.problem import Problem
from taskengine.project.config_file import config_path
from taskengine.project.definition import Definition
from taskengine.project.discovery import TaskFile, find_task_files, task_name
from taskengine.project.file_source import FileSource
from taskengine.project.handler import parse_handler
from taskengine.project.handler_source import HandlerSource
from taskengine.project.loader import Loader
from taskengine.project.origin import CodeOrigin
from taskengine.project.source import TaskSource
from taskengine.project.syntax import SyntaxReader


class ImportFailed(Exception):
    """A task can't be imported; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def import_alone(origin: CodeOrigin) -> Definition:
    """Import a task as it is on disk now; the project is part of the import system from then on.

    Raises ImportFailed.
    """
    loader = Loader(origin.root, origin.tasks_dir, SyntaxReader(), lambda _: None)
    loader.open()
    definition = _source(origin).load(loader, SyntaxReader())
    if definition.problem is not None:
        raise ImportFailed(definition.problem)
    return definition


def _source(origin: CodeOrigin) -> TaskSource:
    if not origin.handler:
        return FileSource(_task_file(origin))
    return HandlerSource(
        name=origin.name,
        handler=parse_handler(origin.handler, origin.root),
        config_path=config_path(origin.root) or origin.root,
        line=None,
    )


def _task_file(origin: CodeOrigin) -> TaskFile:
    """The file, which its name tells in nearly every case; else all files are looked at."""
    folder = origin.root / origin.tasks_dir
    *folders, last = origin.name.split(":")
    likely = Path(*folders, f"{last}.py")
    if task_name(likely) == origin.name and (folder / likely).is_file():
        return TaskFile(name=origin.name, path=folder / likely)
    files = find_task_files(folder).files
    found = next((file for file in files if file.name == origin.name), None)
    return found or TaskFile(name=origin.name, path=folder / likely)
