"""Typed payloads through the project and the engine: from a task's file to its run's record."""

from typing import Any

import pytest

from support.catalog import call, only_problem
from support.project import Project as Files
from taskengine import Engine, InvalidPayload
from taskengine.problem import ProblemKind
from taskengine.project.project import Project

CLEANUP = """
    from __future__ import annotations

    from dataclasses import dataclass

    from taskengine import TaskEvent, task


    @dataclass
    class Cleanup:
        folder: str
        {days}: int = 30


    @task
    def run(event: TaskEvent[{kind}]) -> str:
        print("running")
        return repr(event.payload)
"""


def write_cleanup(project: Files, *, kind: str = "Cleanup", days: str = "days") -> Any:
    return project.write("tasks/cleanup.py", CLEANUP.format(kind=kind, days=days))


@pytest.fixture
def opened(project: Files) -> Any:
    with Project(project.root, default_timezone=lambda: "UTC") as opened:
        yield opened


async def test_the_task_gets_the_object_and_the_record_keeps_the_json(
    project: Files, engine: Engine
) -> None:
    write_cleanup(project)
    async with engine:
        result = await engine.run_task("cleanup", {"folder": "/tmp"})
        [run] = engine.history.recent(None, 1)

    assert result == "Cleanup(folder='/tmp', days=30)"
    assert run.payload == {"folder": "/tmp"}


async def test_a_wrong_payload_is_refused_before_anything_runs(
    project: Files, engine: Engine
) -> None:
    write_cleanup(project)
    async with engine:
        with pytest.raises(InvalidPayload) as caught:
            await engine.run_task("cleanup", {"days": "30", "dir": "/tmp"})

        assert not engine.history.recent(None, 1)
    assert {fault.path for fault in caught.value.faults} == {"folder", "days", "dir"}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("int", "int can't be the type of a payload"),
        ("Clean", "the type of the payload can't be found out: there is no `Clean`"),
        ("1 / 0", "the type of the payload can't be used: ZeroDivisionError: division by zero"),
    ],
)
def test_a_type_of_no_use_is_a_problem_and_nothing_can_be_run(
    project: Files, opened: Project, kind: str, message: str
) -> None:
    path = write_cleanup(project, kind=kind)

    catalog = opened.load()

    problem = only_problem(catalog)
    assert (problem.kind, problem.message) == (ProblemKind.PAYLOAD, message)
    assert (problem.path, problem.line, problem.task) == (path, 15, "cleanup")
    assert problem.hint or kind == "1 / 0"
    assert catalog.entries["cleanup"].function is None


def test_a_reload_takes_up_the_new_type(project: Files, opened: Project) -> None:
    write_cleanup(project)
    before = opened.load().entries["cleanup"].payload_type

    after = opened.reload({write_cleanup(project, days="weeks")}).entries["cleanup"].payload_type

    assert before is not None
    assert after is not None
    assert (before.declares("days"), after.declares("days")) == (True, False)
    assert after.convert({"folder": "", "weeks": 1}).weeks == 1
    assert before.convert({"folder": "", "days": 1}).days == 1


def test_a_reload_to_a_type_of_no_use_keeps_the_code_and_the_type_that_were_good(
    project: Files, opened: Project
) -> None:
    write_cleanup(project)
    before = opened.load().entries["cleanup"]

    catalog = opened.reload({write_cleanup(project, kind="int")})

    after = catalog.entries["cleanup"]
    assert only_problem(catalog).kind is ProblemKind.PAYLOAD
    assert (after.function, after.payload_type) == (before.function, before.payload_type)


def test_a_type_that_a_helper_defines_follows_the_helper(project: Files, opened: Project) -> None:
    helper = "from dataclasses import dataclass\n@dataclass\nclass Shared:\n    {}: int\n"
    project.write("tasks/_shared.py", helper.format("one"))
    project.write(
        "tasks/a.py",
        "from taskengine import TaskEvent, task\nfrom tasks._shared import Shared\n"
        "@task\ndef run(event: TaskEvent[Shared]): return 'ran'\n",
    )
    opened.load()

    catalog = opened.reload({project.write("tasks/_shared.py", helper.format("two"))})

    kind = catalog.entries["a"].payload_type
    assert kind is not None
    assert (kind.declares("one"), kind.declares("two")) == (False, True)
    assert call(catalog, "a") == "ran"


def test_a_plain_function_that_the_config_names_may_take_a_typed_payload(
    project: Files, opened: Project
) -> None:
    project.write("taskconsole.toml", '[tasks.mail]\nhandler = "./jobs.py:send"\n')
    project.write(
        "jobs.py",
        "from typing import TypedDict\nfrom taskengine import TaskEvent\n"
        "class Mail(TypedDict):\n    to: str\n"
        "def send(event: TaskEvent[Mail]): ...\n",
    )

    kind = opened.load().entries["mail"].payload_type

    assert kind is not None
    assert kind.name == "Mail"


async def test_a_function_that_the_program_adds_may_take_a_typed_payload(engine: Engine) -> None:
    from dataclasses import dataclass

    from taskengine import TaskEvent

    @dataclass
    class Mail:
        to: str

    async def send(event: TaskEvent[Mail]) -> str:
        return event.payload.to

    engine.add(send, "mail")
    async with engine:
        assert await engine.run_task("mail", {"to": "a"}) == "a"
