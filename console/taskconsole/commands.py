"""What the user can ask of the engine. Refusals are told, never raised into the screen."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from taskconsole import notices, phrases
from taskconsole.notices import Notice, Tell
from taskengine.client.handle import Handle
from taskengine.client.views import SourceView
from taskengine.errors import FieldFault, InvalidPayload, TaskError, TaskSkipped
from taskengine.records import StateKind
from taskengine.run import DelayedRun, MissedFires, Payload, Run, RunState

Answer = TypeVar("Answer")
Refuse = Callable[[Sequence[FieldFault]], None]
SLOW = 1.0  # seconds; a wait that is longer is told of


class Commands:
    """Sends commands through a handle and tells what became of them."""

    def __init__(self, handle: Handle, tell: Tell) -> None:
        self._handle = handle
        self._tell = tell

    async def run(self, task: str, payload: Payload, refuse: Refuse) -> Run | None:
        """Run a task; gives back its run, the one that was joined, or None if it was refused.

        `refuse` is told what is wrong with single fields of the payload, if that is the reason.
        """
        asked = self._handle.start_run(task, payload)
        return self._told(await self._try_payload(asked, task, refuse))

    async def rerun(self, run: Run) -> Run | None:
        """Run a task again with the payload of a run."""
        return self._told(await self._try(self._handle.rerun(run.id), run.task))

    def _told(self, run: Run | None) -> Run | None:
        if run is not None and run.joined:
            self._tell(notices.of_join(run))
        return run

    async def cancel(self, run: Run) -> None:
        """Ask a run to stop."""
        was_asked = await self._try(self._handle.cancel_run(run.id), run.task)
        if was_asked is False:
            self._tell(Notice(f"run #{run.id} was over already", run.task))
        elif was_asked and run.state is RunState.QUEUED:
            self._tell(Notice(f"run #{run.id} is taken out of the queue", run.task))

    async def run_later(self, task: str, payload: Payload, at: datetime, refuse: Refuse) -> None:
        """Put a run off; `refuse` is told what is wrong with fields of the payload."""
        asked = self._handle.run_later(task, payload, at)
        delayed = await self._try_payload(asked, task, refuse)
        if delayed is not None:
            now, status = self._handle.now(), self._handle.status
            when = phrases.to_come(delayed.at, now, ZoneInfo(status.timezone))
            held = "" if status.scheduling else ", or later: schedules are held"
            self._tell(Notice(f"it runs {when}{held}", task))

    async def run_missed(self, missed: MissedFires) -> Run | None:
        """Run the last of some missed fires after all."""
        return self._told(await self._try(self._handle.run_missed(missed.id), missed.task))

    async def drop(self, pending: MissedFires | DelayedRun) -> None:
        """Dismiss missed fires, or call a run off that was put off."""
        if isinstance(pending, MissedFires):
            await self._try(self._handle.dismiss_missed(pending.id), pending.task)
        elif await self._try(self._handle.cancel_delayed(pending.id), pending.task):
            self._tell(Notice("the run that was put off is called off", pending.task))

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

    async def keep(self, kind: StateKind, name: str, text: str | None) -> bool:
        """Keep a text with the project, None: keep none; gives back whether that was done."""
        try:
            await self._handle.keep(kind, name, text)
        except TaskError as error:
            self._tell(Notice(str(error), "Not kept", "error"))
            return False
        return True

    async def create_example(self) -> Path | None:
        """Write a first task."""
        return await self._try(self._handle.create_example(), "")

    async def _try_payload(
        self, asked: Awaitable[Answer], task: str, refuse: Refuse
    ) -> Answer | None:
        faults: Sequence[FieldFault] = ()
        try:
            return await self._answer(asked, task)
        except InvalidPayload as error:
            faults = error.faults
            self._tell(Notice(f"{error}\nNothing was run.", task, "error"))
        except TaskSkipped as error:
            self._tell(Notice(str(error), task, "warning"))
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), task, "error"))
        if faults:
            refuse(faults)
        return None

    async def _try(self, asked: Awaitable[Answer], task: str) -> Answer | None:
        try:
            return await self._answer(asked, task)
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), task, "error"))
            return None

    async def _answer(self, asked: Awaitable[Answer], task: str) -> Answer:
        """Wait for the engine; tell of that if it takes long."""
        slow = Notice("the engine has been asked, and has not answered yet …", task)
        telling = asyncio.get_running_loop().call_later(SLOW, self._tell, slow)
        try:
            return await asked
        finally:
            telling.cancel()
