"""What the user does with presets on the main screen: keep one, pick one, run one."""

from functools import partial
from typing import Protocol

from textual.screen import Screen

from taskconsole import presets
from taskconsole.commands import Commands
from taskconsole.messages import Told
from taskconsole.notices import Notice
from taskconsole.phrases import plain
from taskengine.client.handle import Handle
from taskengine.records import StateKind
from taskengine.run import Payload


class PresetDesk(Protocol):
    """Where payloads are typed."""

    def typed_payload(self, task: str) -> Payload | None:
        """What the editor holds for a task; None if that has a fault, which is shown then."""

    def typed_text(self) -> str:
        """The text in the editor."""

    def insert_payload(self, task: str, text: str, words: str) -> None:
        """Put a text into the editor, with a word on it, if the task is still the chosen one."""

    def action_edit_payload(self) -> None:
        """Go to the payload's editor."""

    def run_task(self, name: str) -> None:
        """Run a task with what its editor holds."""


class PresetCommands:
    """Does it on behalf of a screen, which it asks for nothing but workers and other screens."""

    def __init__(self, screen: Screen[None], handle: Handle, desk: PresetDesk) -> None:
        self._screen = screen
        self._handle = handle
        self._desk = desk
        self._commands = Commands(handle, self._tell)
        self._last: dict[str, str] = {}  # the preset that was last in a task's editor

    def of(self, task: str) -> dict[str, str]:
        """A task's presets: their texts by their names."""
        return presets.presets_of(task, self._handle.kept(StateKind.PRESET))

    def save(self, task: str) -> None:
        """Ask for a name, and keep what is typed by it."""
        payload = self._desk.typed_payload(task)
        if payload is None:
            self._tell(Notice("The payload has a fault; nothing was kept.", severity="error"))
            return
        from taskconsole.screens.preset_name import PresetNameScreen

        text, others = self._desk.typed_text(), self.of(task)
        suggested = self._suggestion(task, text, payload)
        keep = partial(self._keep_named, task, text)
        self._screen.app.push_screen(PresetNameScreen(task, suggested, others, text), keep)

    def _suggestion(self, task: str, text: str, payload: Payload) -> str:
        """The name it has already, that of the preset it was made from, or one of its own."""
        others = self.of(task)
        same = next((name for name, other in others.items() if other == text), None)
        last = self._last.get(task)
        known = last if last in others else None
        return same or known or presets.suggestion(payload, others)

    def _keep_named(self, task: str, text: str, name: str | None) -> None:
        if name is not None:
            self._screen.run_worker(self._keep(task, text, name))

    async def _keep(self, task: str, text: str, name: str) -> None:
        if not await self._commands.keep(StateKind.PRESET, presets.preset_name(task, name), text):
            return
        self._last[task] = name
        self._tell(Notice(f"kept as the preset “{name}”", task))
        self._screen.refresh_bindings()

    def pick(self, task: str) -> None:
        """Let the user pick one of a task's presets."""
        from taskconsole.screens.preset_picker import Picked, PresetPicker

        def use(picked: Picked | None) -> None:
            self._screen.refresh_bindings()
            if picked:
                self.use(task, picked.name, runs=picked.runs)

        picker = PresetPicker(task, partial(self.of, task), partial(self._delete, task))
        self._screen.app.push_screen(picker, use)

    async def _delete(self, task: str, name: str) -> None:
        await self._commands.keep(StateKind.PRESET, presets.preset_name(task, name), None)

    def use(self, task: str, name: str, *, runs: bool) -> None:
        """Put a preset into the task's editor, and run it if that is wanted."""
        if (text := self.of(task).get(name)) is None:
            return
        self._last[task] = name
        words = f"the preset “{plain(name)}” · alt+down goes back to what you typed"
        if not runs:
            self._desk.action_edit_payload()
        self._desk.insert_payload(task, text, words)
        if runs:
            self._desk.run_task(task)

    def _tell(self, notice: Notice) -> None:
        self._screen.post_message(Told(notice))
