"""What the user does with runs on the main screen: begin, put off, cancel, repeat, look at them."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from textual.screen import Screen

from taskconsole.commands import Commands
from taskconsole.messages import Told
from taskconsole.notices import Notice
from taskconsole.screens.choice import Choice
from taskengine.client.handle import Handle
from taskengine.errors import FieldFault
from taskengine.run import Payload, Run


class Desk(Protocol):
    """Where payloads are typed and runs are watched."""

    def typed_payload(self, task: str) -> Payload | None:
        """What the editor holds for a task; None if that has a fault, which is shown then."""

    def show_faults(self, task: str, faults: Sequence[FieldFault]) -> None:
        """Show what the engine has refused, if the task is still the chosen one."""

    def show_run(self, run: Run | None) -> None:
        """Show a run, if there is one."""


class RunCommands:
    """Does it on behalf of a screen, which it asks for nothing but workers and other screens."""

    def __init__(
        self, screen: Screen[None], handle: Handle, commands: Commands, choice: Choice, desk: Desk
    ) -> None:
        self._screen = screen
        self._handle = handle
        self._commands = commands
        self._choice = choice
        self._desk = desk

    def run(self, task: str) -> None:
        """Run a task with the payload in its editor, or point at the fault in it."""
        if (payload := self._payload(task)) is not None:
            self._screen.run_worker(self._run(task, payload))

    async def _run(self, task: str, payload: Payload) -> None:
        refuse = partial(self._desk.show_faults, task)
        self._desk.show_run(await self._commands.run(task, payload, refuse))

    def _payload(self, task: str) -> Payload | None:
        payload = self._desk.typed_payload(task)
        if payload is None:
            notice = Notice("The payload has a fault; nothing was run.", severity="error")
            self._screen.post_message(Told(notice))
        return payload

    def run_later(self, task: str) -> None:
        """Ask when a task is to run, with the payload that its editor holds now."""
        if (payload := self._payload(task)) is None:
            return
        from taskconsole.screens.run_later import RunLaterScreen

        def put_off(at: datetime | None) -> None:
            if at is not None:
                refuse = partial(self._desk.show_faults, task)
                self._screen.run_worker(self._commands.run_later(task, payload, at, refuse))

        screen = RunLaterScreen(task, self._handle.now, ZoneInfo(self._handle.status.timezone))
        self._screen.app.push_screen(screen, put_off)

    def cancel(self) -> None:
        """Cancel the watched run, or else the chosen task's."""
        if run := self._choice.going_run:
            self._screen.run_worker(self._commands.cancel(run))

    def rerun(self) -> None:
        """Run again with the payload of the watched run."""
        if run := self._choice.watched:
            self._screen.run_worker(self._rerun(run))

    async def _rerun(self, run: Run) -> None:
        self._desk.show_run(await self._commands.rerun(run))
