"""Options that change while the engine lives."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.events import Events
from support.project import Project as Files
from taskengine import Engine
from taskengine.events import CatalogChanged, RunEnded, RunStarted

FAILS = 'raise ValueError("as always")'


class Gate:
    """A pipe that a task reads a byte from, to go on only when the test says so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDWR)

    def let_go(self, times: int) -> None:
        os.write(self._descriptor, b"." * times)

    def close(self) -> None:
        self.let_go(10)
        os.close(self._descriptor)


@pytest.fixture
def gate(project: Files) -> Iterator[Gate]:
    gate = Gate(project.root / "gate")
    yield gate
    gate.close()


@pytest.mark.parametrize("place", ["config", "decorator"])
async def test_an_option_alone_makes_a_task_another_one(
    project: Files, engine: Engine, place: str
) -> None:
    project.task("a.py", FAILS, options="timeout=60")
    project.task("b.py", FAILS, options="timeout=60")
    events = Events(engine)
    await engine.start()
    await events.live()

    if place == "config":
        project.write("taskconsole.toml", "[tasks.a]\nretries = 2\n")
    else:
        project.task("a.py", FAILS, options="timeout=60, retries=2")
    changed = await events.next(CatalogChanged)

    assert (changed.added, changed.removed, changed.changed) == ((), (), ("a",))
    assert engine.catalog.entries["a"].options.retries == 2
    assert engine.catalog.entries["b"].options.retries == 0


async def test_a_run_keeps_the_options_that_it_began_with(
    project: Files, engine: Engine, gate: Gate
) -> None:
    waits = f"with open({str(gate.path)!r}, 'rb', 0) as gate: gate.read(1)\n"
    project.task("a.py", waits + FAILS, kind="def")
    project.write("taskconsole.toml", "[tasks.a]\nretries = 0\n")
    events = Events(engine)
    await engine.start()
    await events.live()

    first = await engine.start_run("a")
    await events.next(RunStarted)
    project.write("taskconsole.toml", "[tasks.a]\nretries = 1\nbackoff = 0\n")
    await events.next(CatalogChanged)
    gate.let_go(1)
    ended = await events.next(RunEnded)
    assert (ended.run.id, ended.run.attempt, ended.run.max_attempts) == (first.id, 1, 1)

    await engine.start_run("a")
    gate.let_go(2)
    ended = await events.next(RunEnded)
    assert (ended.run.attempt, ended.run.max_attempts) == (2, 2)
