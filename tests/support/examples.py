"""The tasks that ship with the project, at work in a copy of it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from typing import Any

from taskengine import Engine, Run
from taskengine.output import OutputLine

SHIPPED = Path(__file__).parents[2]


def copy_shipped_project(target: Path) -> Path:
    """Copy the config and the tasks, and give back the copy's root."""
    copytree(SHIPPED / "tasks", target / "tasks", ignore=ignore_patterns("__pycache__"))
    copy(SHIPPED / "taskconsole.toml", target)
    return target


@dataclass(frozen=True)
class Examples:
    """`scratch` is an empty folder, `temp` stands for the system's folder of temporary files."""

    engine: Engine
    root: Path
    scratch: Path
    temp: Path

    async def run(self, name: str, **payload: Any) -> Any:
        """Run a task and give back its result."""
        async with asyncio.timeout(30):
            return await self.engine.run_task(name, payload)

    @property
    def last_run(self) -> Run:
        """The run that began last."""
        [run] = self.engine.history.recent(None, 1)
        return run

    def output(self) -> list[str]:
        """What the last run has written."""
        output = self.engine.history.output(self.last_run.id)
        assert output is not None
        return [OutputLine.decode(line).text for line in output.read(0, output.extent.total)]
