"""How the console is left: asked about, finished or given up is what goes on."""

import asyncio
from datetime import timedelta

from textual.app import App

from taskconsole.engine_news import is_attached
from taskconsole.last_visit import LastVisit
from taskconsole.run_files import RunFiles
from taskengine.client.handle import Handle


class Leaving:
    """Has an app exit when runs that would end with it, and logs that are being saved, are seen to.

    Whoever asks again waits no longer.
    """

    def __init__(
        self, app: App[None], handle: Handle, files: RunFiles, last_visit: LastVisit
    ) -> None:
        self._app = app
        self._handle = handle
        self._files = files
        self._last_visit = last_visit
        self._has_signal = False
        self._exit_code = 0

    def quit(self) -> None:
        """Leave at once if nothing goes on that ends with the console, else ask; a signal has
        answered already.
        """
        if self._has_signal:
            return
        if not self._runs_to_end:
            self._leave(can_stay=True)
            return
        from taskconsole.screens.quit import QuitScreen

        if not isinstance(self._app.screen, QuitScreen):
            self._app.push_screen(QuitScreen(self._handle), self._leave_if)

    def end_in_order(self, name: str, return_code: int) -> None:
        """Give the runs that go on, and what is being saved, the config's grace to end, then leave;
        asked again, at once. `name` is the signal's.
        """
        if self._has_signal or not (self._runs_to_end or self._files.saves):
            self._app.exit(return_code=return_code)
            return
        self._has_signal, self._exit_code = True, return_code
        self._files.user_leaves = True
        from taskconsole.screens.draining import DrainingScreen

        grace = self._handle.status.stop_grace
        screen = DrainingScreen(self._handle, self._files, name, timedelta(seconds=grace))
        self._app.push_screen(screen)
        self._app.run_worker(self._stop_then_exit(grace))

    def exit(self) -> None:
        """Wait no longer for what goes on."""
        self._app.exit(return_code=self._exit_code)

    @property
    def _runs_to_end(self) -> bool:
        """Whether there are runs that end with the console."""
        return not is_attached(self._handle.status) and bool(self._handle.active_runs())

    def _leave_if(self, leaves: bool | None) -> None:
        if leaves:
            self._leave(can_stay=False)

    def _leave(self, *, can_stay: bool) -> None:
        """Leave when all is saved that is being saved, or when this is asked for again."""
        if not self._files.saves:
            self._app.exit()
            return
        from taskconsole.screens.saving import SavingScreen

        if isinstance(self._app.screen, SavingScreen):
            self._app.screen.action_leave()
        else:
            self._app.push_screen(SavingScreen(self._files, can_stay=can_stay), self._exit_if)

    def _exit_if(self, leaves: bool | None) -> None:
        if leaves:
            self._app.exit()

    async def _stop_then_exit(self, grace: float) -> None:
        await self._last_visit.close()
        now = asyncio.get_running_loop().time
        end = now() + grace
        await self._files.finish(grace)  # first: with the engine, the history closes
        if not is_attached(self._handle.status):
            await self._handle.stop(max(end - now(), 0.0))
        self.exit()
