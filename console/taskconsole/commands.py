"""What the user can ask of the engine. Refusals are told, never raised into the screen."""

from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from taskconsole import notices
from taskconsole.notices import Notice, Tell
from taskengine.client.handle import Handle
from taskengine.client.views import SourceView
from taskengine.errors import TaskError
from taskengine.run import Payload, Run, RunState

Answer = TypeVar("Answer")


class Commands:
    """Sends commands through a handle and tells what became of them."""

    def __init__(self, handle: Handle, tell: Tell) -> None:
        self._handle = handle
        self._tell = tell

    async def run(self, task: str, payload: Payload) -> Run | None:
        """Run a task; gives back its run, the one that was joined, or None if it was refused."""
        return self._told(await self._try(self._handle.start_run(task, payload), task))

    async def rerun(self, run: Run) -> Run | None:
        """Run a task again with the payload of a run."""
        return self._told(await self._try(self._handle.rerun(run.id), run.task))

    def _told(self, run: Run | None) -> Run | None:
        if run is not None and run.joined:
            self._tell(notices.of_join(run))
        return run

    async def cancel(self, run: Run) -> None:
        """Ask a run to stop."""
        if not await self._try(self._handle.cancel_run(run.id), run.task):
            self._tell(Notice(f"run #{run.id} was over already", run.task))
        elif run.state is RunState.QUEUED:
            self._tell(Notice(f"run #{run.id} is taken out of the queue", run.task))

    async def pause(self, task: str) -> None:
        """Let a task's schedules fire no more."""
        await self._try(self._handle.pause(task), task)

    async def resume(self, task: str) -> None:
        """Let a task's schedules fire again."""
        await self._try(self._handle.resume(task), task)

    async def set_scheduling(self, *, on: bool) -> None:
        """Let the engine's schedules fire, or none of them."""
        await self._try(self._handle.set_scheduling(on=on), "")

    async def source(self, task: str) -> SourceView | None:
        """The file that a task comes from."""
        return await self._try(self._handle.source(task), task)

    async def create_example(self) -> Path | None:
        """Write a first task."""
        return await self._try(self._handle.create_example(), "")

    async def _try(self, asked: Awaitable[Answer], task: str) -> Answer | None:
        try:
            return await asked
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), task, "error"))
            return None
