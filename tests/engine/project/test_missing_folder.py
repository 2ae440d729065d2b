"""A tasks folder that the config names, and that is not there."""

import asyncio

from support.catalog import only_problem
from support.events import Events
from support.project import Project as Files
from taskengine import Engine
from taskengine.events import ProblemCleared, ProblemRaised
from taskengine.problem import ProblemKind
from taskengine.project.project import Project


def test_it_is_told_with_its_place_and_what_to_do(project: Files, opened: Project) -> None:
    path = project.write("taskconsole.toml", 'timezone = "UTC"\ntasks_dir = "src/jobs"\n')
    for catalog in (opened.scan(), opened.load()):
        problem = only_problem(catalog)
        assert (problem.kind, problem.path, problem.line) == (ProblemKind.CONFIG, path, 2)
        assert problem.message == "`tasks_dir` names a folder that is not there: 'src/jobs'"
        assert problem.hint == "make it, or name the folder that the tasks are in"


def test_the_folder_that_may_be_meant_is_named(project: Files, opened: Project) -> None:
    project.write("tasks/_helper.py", "")
    project.write("taskconsole.toml", 'tasks_dir = "task"')
    assert only_problem(opened.scan()).hint == "did you mean `tasks`?"


def test_who_names_no_folder_need_have_none(project: Files, opened: Project) -> None:
    assert opened.scan().problems == ()
    project.write("taskconsole.toml", 'timezone = "UTC"')
    assert opened.scan().problems == ()


async def test_it_is_no_problem_any_more_when_the_folder_comes(project: Files) -> None:
    project.write("taskconsole.toml", 'tasks_dir = "app/jobs"')
    engine = Engine(project.root)
    events = Events(engine)
    async with engine:
        raised = (await events.next(ProblemRaised)).problem
        await events.live()
        await asyncio.to_thread((project.root / "app" / "jobs").mkdir, parents=True)
        assert (await events.next(ProblemCleared)).problem == raised
        assert engine.catalog.problems == ()
        (project.root / "app" / "jobs").rmdir()
        assert (await events.next(ProblemRaised)).problem == raised
