"""The source of the chosen task, as it stands in its file now."""

from dataclasses import replace

from taskconsole import notices
from taskconsole.commands import Commands
from taskconsole.phrases import plain
from taskconsole.widgets.source_view import SourceTab
from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle


class TaskSource:
    """Feeds the tab."""

    def __init__(self, handle: Handle, commands: Commands, tab: SourceTab) -> None:
        self._handle = handle
        self._commands = commands
        self._tab = tab

    async def show(self, task: str) -> None:
        """Read a task's source and show it, or say why it can't be shown."""
        if refusal := self._handle.refusal(Ability.SOURCE):
            self._tab.say(plain(f"{refusal}."))
            return
        source = await self._commands.source(task)
        if source is None:
            self._tab.say("Its source can't be read.")
            return
        path = plain(notices.relative(source.path, self._handle.status.root))
        self._tab.show(replace(source, text=plain(source.text)), path)
