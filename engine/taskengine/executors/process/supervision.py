"""Sees one run through in a process: from the wait for a slot to the verdict on its end."""

import asyncio
import contextlib
import signal

from taskengine.executors.ending import Ending
from taskengine.executors.executor import Job
from taskengine.executors.process.assignments import assignment_for
from taskengine.executors.process.host import Host
from taskengine.executors.process.keeper import KeeperRecord
from taskengine.executors.process.messages import Assignment, encode
from taskengine.executors.process.task_process import TaskProcess
from taskengine.executors.process.verdict import crashed_ending, stopped_ending, told_ending
from taskengine.project.origin import CodeOrigin

INTERRUPT_SECONDS = 0.4
KILL_SECONDS = 0.8
_ATTEMPTS = 2  # by the first one a fork server is found out that has died


class Supervision:
    """Belongs to the host's loop. `run` is called once, `cancel` and `kill` at any time."""

    def __init__(self, job: Job, origin: CodeOrigin, host: Host) -> None:
        self._job = job
        self._origin = origin
        self._host = host
        self._task: asyncio.Task[object] | None = None
        self._process: TaskProcess | None = None
        self._is_stopped = False

    async def run(self) -> Ending:
        """Raises InvalidPayload for an `extra` that can't travel; OSError or TaskFailed where no
        process can be started.
        """
        self._task = asyncio.current_task()
        if self._is_stopped:
            return stopped_ending()
        try:
            return await self._run()
        except asyncio.CancelledError:
            if self._is_stopped:
                return stopped_ending()
            raise

    def cancel(self) -> None:
        """Ask the process to stop, and make it if it does not."""
        if (process := self._stop()) is not None:
            process.signal(signal.SIGTERM)
            process.later(INTERRUPT_SECONDS, lambda: self._interrupt(process))

    def _interrupt(self, process: TaskProcess) -> None:
        """The rest of the time begins here: a loop that was held up must not cut it short."""
        process.signal(signal.SIGINT)
        process.later(KILL_SECONDS - INTERRUPT_SECONDS, process.kill)

    def kill(self) -> None:
        """Make the process stop."""
        if (process := self._stop()) is not None:
            process.kill()

    def _stop(self) -> TaskProcess | None:
        """Have it stopped; gives back the process if there is one, which has to hear of it."""
        self._is_stopped = True
        if self._process is None and self._task is not None:
            self._task.cancel()
        return self._process

    async def _run(self) -> Ending:
        has_users_code = bool(self._job.extra)
        assignment = (
            await self._host.call(self._assignment) if has_users_code else self._assignment()
        )
        await self._host.slots.take()
        try:
            for _ in range(_ATTEMPTS):
                if ending := await self._attempt(assignment):
                    return ending
        finally:
            self._host.slots.give_back()
        raise self._host.no_process()

    def _assignment(self) -> Assignment:
        return assignment_for(self._job, self._origin, self._host.log_level())

    async def _attempt(self, assignment: Assignment) -> Ending | None:
        """None if there was nobody who could have started the process."""
        with self._host.spare.take() as channels:
            process = TaskProcess(channels, self._job, assignment.token, self._host.slots)
            with contextlib.closing(process):
                process.assign(encode(assignment))
                self._process = process
                death = await process.over
            self._process = None
            return self._verdict(process, death)

    def _verdict(self, process: TaskProcess, death: KeeperRecord | None) -> Ending | None:
        if process.end is not None:
            return told_ending(process.end)
        if self._is_stopped:
            return stopped_ending()
        if not process.has_started:
            return None
        return crashed_ending(death, self._job.task.options.memory)
