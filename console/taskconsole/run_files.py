"""A run's output as a file: saved in the project's folder, or shown in the user's pager."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from taskconsole.notices import Notice, Tell
from taskconsole.phrases import count
from taskconsole.terminal.editor import NoProgram
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.output import Output
from taskengine.run import Run

SLOW = 1.0  # seconds; what takes longer is told of before it is done


class RunFiles:
    """Writes outputs, and tells how that went. `page` shows a file, or raises NoProgram."""

    def __init__(self, handle: Handle, tell: Tell, page: Callable[[Path], None]) -> None:
        self._handle = handle
        self._tell = tell
        self._page = page

    async def save(self, run: Run | None, output: Output) -> None:
        """Save an output in the project's folder, or in the working directory where that is on
        another host; `run` is None for one that belongs to none.
        """
        root = self._handle.status.root
        if path := await self._write(run, output, root if root.is_dir() else Path.cwd()):
            self._tell(Notice(str(path), "Saved"))

    async def show(self, run: Run | None, output: Output) -> None:
        """Show it in the pager, from a file that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="taskconsole-") as folder:
            if path := await self._write(run, output, Path(folder)):
                self._show(path)

    def _show(self, path: Path) -> None:
        try:
            self._page(path)
        except NoProgram as error:
            self._tell(Notice(str(error), "The pager could not be opened", "error"))

    async def _write(self, run: Run | None, output: Output, folder: Path) -> Path | None:
        from taskconsole.log_file import free_path, write_log  # with the pane that asks for it

        zone = ZoneInfo(self._handle.status.timezone)
        path = free_path(folder, run.task if run else "", run.id if run else None)
        words = f"{count(output.extent.kept, 'line')}: that takes a moment"
        slow = Notice(words, "The output is being written")
        telling = asyncio.get_running_loop().call_later(SLOW, self._tell, slow)
        try:
            await write_log(output, path, zone)
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), "The output could not be written", "error"))
            return None
        finally:
            telling.cancel()
        return path
