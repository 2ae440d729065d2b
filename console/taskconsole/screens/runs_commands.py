"""What the user does with past runs: cancel, repeat, compare and copy them."""

from collections.abc import Callable
from datetime import tzinfo

from textual.screen import Screen

from taskconsole.commands import Commands
from taskconsole.notices import Notice, Tell
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

    def known(self, run_id: int) -> Run | None:
        """A run as it stands now."""
        run = self._handle.run(run_id)
        if run is None:
            self._tell(Notice(f"run #{run_id} is not kept any more", "", "warning"))
        return run

    def cancel(self, run_id: int) -> None:
        """Cancel a run."""
        if run := self.known(run_id):
            self._screen.run_worker(self._commands.cancel(run))

    def rerun(self, run_id: int) -> None:
        """Run again with the payload of a run, and watch that."""
        if run := self.known(run_id):
            self._screen.run_worker(self._rerun(run))

    async def _rerun(self, run: Run) -> None:
        if again := await self._commands.rerun(run):
            self._watch(again)

    def compare(self, older: int, newer: int) -> None:
        """Compare two runs."""
        from taskconsole.screens.runs_compare import CompareScreen

        left, right = self.known(older), self.known(newer)
        if left and right:
            self._screen.app.push_screen(CompareScreen(left, right))

    def copy(self, run_id: int, zone: tzinfo) -> None:
        """Copy what is known of a run."""
        from taskconsole.run_note import run_note

        if run := self.known(run_id):
            self._screen.app.copy_to_clipboard(run_note(run, self._handle.now(), zone))
            self._tell(Notice(f"Copied #{run.id} as text"))
