"""Nitro's own command lines, version 2 and the beta of 3, list and run the tasks of our engine."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from subprocess import CompletedProcess

import pytest

from support.nitro_bed import Nitro
from support.project import Project
from support.served import Served, served
from taskengine.events import RunJoined, RunStarted
from taskengine.run import Trigger

COMPAT = 'timezone = "UTC"\n[server]\nport = 0\nnitro_compat = true\n'

TYPED = """
    from typing import TypedDict

    from taskengine import TaskEvent, task

    class Cleanup(TypedDict):
        days: int

    @task
    async def run(event: TaskEvent[Cleanup]):
        return event.payload["days"]
"""
WAITS = """
    import asyncio
    from pathlib import Path

    while not Path(event.payload["until"]).exists():
        await asyncio.sleep(0.02)
    return event.context.run_id
"""


@pytest.fixture
async def serving(project: Project) -> AsyncIterator[Served]:
    """An engine that Nitro's command lines can find."""
    project.write("taskconsole.toml", COMPAT)
    project.task(
        "db/migrate.py",
        "print('Running DB migration task...')\nreturn {'result': {'by': event.payload}}",
        options="description='Run database migrations', schedule='0 3 * * *'",
    )
    project.task("plain.py", "return 'done'")
    project.task("fails.py", "raise ValueError('no such table: ärger\\nsecond line')")
    project.write("tasks/typed.py", TYPED)
    project.task("waits.py", WAITS)
    async with served(project) as running:
        yield running


async def run(nitro: Nitro, project: Project, *arguments: str) -> CompletedProcess[str]:
    return await asyncio.to_thread(nitro.run, "task", *arguments, cwd=project.root)


def words(done: CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


@pytest.mark.slow
async def test_it_lists_tasks_with_the_descriptions_that_nitros_server_does_not_give(
    nitro: Nitro, project: Project, serving: Served
) -> None:
    done = await run(nitro, project, "list")

    assert done.returncode == 0, words(done)
    listed = re.findall(r"- `?([\w:]+)`?(?: - (.*))?$", done.stdout, re.MULTILINE)
    assert listed == [
        ("db:migrate", "Run database migrations"),
        ("fails", ""),
        ("plain", ""),
        ("typed", ""),
        ("waits", ""),
    ]


@pytest.mark.slow
async def test_it_runs_a_task_with_a_payload_and_prints_the_result_or_the_error(
    nitro: Nitro, project: Project, serving: Served
) -> None:
    done = await run(nitro, project, "run", "db:migrate", "--payload", '{"a": 1, "b": ["x"]}')
    assert done.returncode == 0, words(done)
    assert "Result: { by: { a: 1, b: [ 'x' ] } }" in " ".join(words(done).split())
    [ran] = serving.engine.history.recent("db:migrate", 9)
    assert ran.trigger is Trigger.API
    assert ran.payload == {"a": 1, "b": ["x"]}

    letter = "ä" if nitro.major == 3 else "\N{REPLACEMENT CHARACTER}"  # 2 reads it as UTF-8
    for name, payload, message in (
        ("fails", "{}", f"no such table: {letter}rger second line"),
        ("plian", "{}", "Task `plian` is not available!"),
        ("typed", '{"days": "seven"}', "The payload is no Cleanup: days: must be a whole number"),
        ("typed", "[7]", "The body's `payload` is a list, not an object"),
        ("typed", "null", "The body's `payload` is null, not an object"),
    ):
        failed = await run(nitro, project, "run", name, "--payload", payload)
        assert failed.returncode == 1, words(failed)
        assert message.replace("`", "") in words(failed).replace("`", "")

    # It says that this is no JSON, and runs the task without a payload: so Nitro documents it.
    ignored = await run(nitro, project, "run", "plain", "--payload", "abc")
    assert ignored.returncode == 0, words(ignored)
    assert "Invalid payload" in words(ignored)
    [plain] = serving.engine.history.recent("plain", 9)
    assert plain.payload == {}


@pytest.mark.slow
async def test_two_of_them_at_once_share_one_run(
    nitro2: Nitro, nitro3: Nitro, project: Project, serving: Served
) -> None:
    payload = json.dumps({"until": str(project.root / "go")})
    first = asyncio.ensure_future(run(nitro2, project, "run", "waits", "--payload", payload))
    began = (await serving.events.next(RunStarted)).run
    second = asyncio.ensure_future(run(nitro3, project, "run", "waits", "--payload", payload))
    await serving.events.next(RunJoined)
    project.write("go", "")

    for done in (await first, await second):
        assert done.returncode == 0, words(done)
        assert f"Result: {began.id}" in words(done)
