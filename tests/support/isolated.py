"""Runs in processes of their own: tasks for them, how they end, and what is left of them."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.events import SOON
from support.project import Project
from taskengine import Engine, Run
from taskengine.output import OutputKind, OutputLine

PROCESS = 'isolation="process"'


@dataclass(frozen=True)
class Ended:
    """A run that is over, and all that it wrote."""

    run: Run
    lines: list[OutputLine]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def kinds(self) -> list[tuple[OutputKind, str]]:
        return [(line.kind, line.text) for line in self.lines]

    @property
    def message(self) -> str:
        """What the run failed of."""
        assert self.run.error is not None, self.run
        return self.run.error.message


def isolated(
    project: Project, path: str, body: str, *, options: str = "", sync: bool = True
) -> None:
    """Write a task that runs in a process of its own."""
    project.task(path, body, options=f"{PROCESS}, {options}", kind="def" if sync else "async def")


def isolated_both(project: Project, body: str, *, options: str = "", name: str = "") -> list[str]:
    """Write it as a plain function and as a coroutine function; gives back the tasks' names."""
    for kind, sync in (("plain", True), ("async", False)):
        isolated(project, f"{kind}{name}.py", body, options=options, sync=sync)
    return [f"plain{name}", f"async{name}"]


async def run_to_end(engine: Engine, task: str, payload: dict[str, Any] | None = None) -> Ended:
    """Run a task, whatever becomes of it; a run that hangs is an error."""
    async with asyncio.timeout(SOON):
        run = await engine.start_run(task, payload)
        return await end_of(engine, run.id)


async def end_of(engine: Engine, run_id: int) -> Ended:
    """Wait for a run's end."""
    run = await engine.wait(run_id)
    output = engine.history.output(run_id)
    assert output is not None
    return Ended(run, [OutputLine.decode(line) for line in output.read(0, 1_000_000)])


def is_alive(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def children(of: int | None = None) -> set[int]:
    """The processes below a process, or below this one."""
    below: set[int] = set()
    there = [int(pid.name) for pid in Path("/proc").iterdir() if pid.name.isdigit()]
    parents = {pid: parent_of(pid) for pid in there}
    found = {of or os.getpid()}
    while found:
        found = {pid for pid, parent in parents.items() if parent in found} - below
        below |= found
    return below


def parent_of(pid: int) -> int:
    """The process that a process belongs to; 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - is asked a thousand times
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def server_since(before: set[int]) -> int:
    """The fork server that this process has started since its children were `before`."""
    [server] = [pid for pid in children() - before if parent_of(pid) == os.getpid()]
    return server
