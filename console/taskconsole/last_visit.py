"""Puts the console back to how it was left, and keeps how it is."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from textual.app import App

from taskconsole import kept_filter, themes
from taskconsole.console_state import NAME, ConsoleState, read
from taskconsole.engine_news import is_attached
from taskconsole.keeping import Keeper
from taskconsole.screens.main import MainScreen
from taskconsole.widgets.run_filter import RunFilter
from taskengine.client.handle import Handle
from taskengine.records import StateKind

PATIENCE = 2.0  # seconds

InHand: TypeAlias = Mapping[StateKind, Mapping[str, str | None]]
"""What one console leaves to the next: texts to keep with the project, None to keep none."""


class LastVisit:
    """What an app's theme, its main screen and the filter of its runs were, and are."""

    def __init__(self, app: App[None], main: MainScreen, handle: Handle) -> None:
        self._app = app
        self._main = main
        self._handle = handle
        self._keeper: Keeper | None = None
        self._view: str | None = None
        self.run_filter = RunFilter()

    def restore_theme(self) -> None:
        """Bring back the theme, as soon as the engine is there."""
        theme = self._kept.theme
        if themes.is_own(theme) and theme != self._app.theme:
            self._app.theme = theme

    @property
    def _kept(self) -> ConsoleState:
        return read(self._text(NAME))

    def _text(self, name: str) -> str | None:
        return self._handle.kept(StateKind.CONSOLE).get(name)

    def restore(self) -> None:
        """Bring back everything. Called once, when the engine and the main screen are there."""
        self.restore_theme()
        self._main.restore(self._kept)
        self.run_filter = kept_filter.read(self._text(kept_filter.NAME))
        self._keeper = Keeper(self._handle, StateKind.CONSOLE)

    def note(self) -> None:
        """Keep how the console is now, if that is another than before."""
        if self._keeper and (state := self._main.state):
            self._view = self._with_theme(state).as_text()
            self._keeper.keep_soon(NAME, self._view)

    def note_all(self) -> None:
        """The same with what is typed: word of the last keys may still be under way."""
        self.note()
        if workbench := self._main.workbench:
            workbench.detail.payloads.note()

    def note_filter(self, wanted: RunFilter) -> None:
        """Keep what the runs are filtered by now."""
        self.run_filter = wanted
        if self._keeper:
            self._keeper.keep_soon(kept_filter.NAME, self._filter_text)

    @property
    def _filter_text(self) -> str | None:
        return None if self.run_filter == RunFilter() else kept_filter.as_text(self.run_filter)

    def _with_theme(self, state: ConsoleState) -> ConsoleState:
        return replace(state, theme=self._app.theme)

    async def close(self) -> None:
        """Keep what is not kept yet, and nothing after that. An engine elsewhere that does not
        answer is not waited for.
        """
        patience = PATIENCE if is_attached(self._handle.status) else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                if workbench := self._main.workbench:
                    await workbench.detail.payloads.keeper.close()
                if self._keeper:
                    await self._keeper.close()

    @property
    def in_hand(self) -> InHand:
        """What the user has before them, for a console that goes on from here: how it was left, as
        last noted, and what was typed as payloads and is not kept by now.
        """
        view = {NAME: self._view} if self._view else {}
        workbench = self._main.workbench
        drafts = workbench.detail.payloads.keeper.pending if workbench else {}
        console = {**view, kept_filter.NAME: self._filter_text} if self._keeper else view
        return {StateKind.CONSOLE: console, StateKind.DRAFT: drafts}

    @property
    def unkept_drafts(self) -> Mapping[str, str]:
        """What was typed as payloads and is not kept by now, by task."""
        workbench = self._main.workbench
        return workbench.detail.payloads.keeper.unkept if workbench else {}
