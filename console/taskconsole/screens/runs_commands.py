"""What the user does with past runs: cancel, repeat, compare and copy them."""

from collections.abc import Callable, Coroutine
from datetime import tzinfo
from typing import Any

from textual.screen import Screen

from taskconsole.commands import Commands
from taskconsole.notices import Notice, Tell
from taskconsole.screens.found_runs import FoundRuns
from taskengine.client.handle import Handle
from taskengine.run import Run


class PastRuns:
    """Does it on behalf of a screen; a run that is not kept any more is said to be gone."""

    def __init__(
        self, screen: Screen[None], handle: Handle, tell: Tell, watch: Callable[[Run], None]
    ) -> None:
        self._screen = screen
        self._handle = handle
        self._tell = tell
        self._watch = watch
        self._commands = Commands(handle, tell)
        self._found = FoundRuns(screen, handle, tell)

    def show(self, run_id: int) -> None:
        """Watch a run."""
        self._found.then(run_id, self._watch)

    def cancel(self, run_id: int) -> None:
        """Cancel a run."""
        self._found.then(run_id, lambda run: self._work(self._commands.cancel(run)))

    def rerun(self, run_id: int) -> None:
        """Run again with the payload of a run, and watch that."""
        self._found.then(run_id, lambda run: self._work(self._rerun(run)))

    async def _rerun(self, run: Run) -> None:
        if again := await self._commands.rerun(run):
            self._watch(again)

    def compare(self, older: int, newer: int) -> None:
        """Compare two runs."""
        self._work(self._compare(older, newer))

    async def _compare(self, older: int, newer: int) -> None:
        from taskconsole.screens.runs_compare import CompareScreen

        left, right = await self._found.whole(older), await self._found.whole(newer)
        if left and right and self._screen.is_current:
            self._screen.app.push_screen(CompareScreen(left, right))

    def copy(self, run_id: int, zone: tzinfo) -> None:
        """Copy what is known of a run."""
        self._work(self._copy(run_id, zone))

    async def _copy(self, run_id: int, zone: tzinfo) -> None:
        from taskconsole.run_note import run_note

        if run := await self._found.whole(run_id):
            self._screen.app.copy_to_clipboard(run_note(run, self._handle.now(), zone))
            self._tell(Notice(f"Copied #{run.id} as text"))

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self._screen.run_worker(work)
