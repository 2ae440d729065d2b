"""A run's output as a file: saved in the project's folder, or shown in the user's pager."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from taskconsole.notices import Notice, Tell
from taskconsole.phrases import count
from taskconsole.saving import Save
from taskconsole.terminal.editor import NoProgram
from taskengine.client.handle import Handle
from taskengine.errors import TaskError
from taskengine.output import Output
from taskengine.run import Run

SLOW = 1.0  # seconds; what takes longer is told of before it is done
_GIVEN_UP_WITHIN = 2.0  # seconds; a disk may hang


class RunFiles:
    """Writes outputs, and tells how that went. `page` shows a file, or raises NoProgram.

    `user_leaves` is set while the console is about to close. What becomes of a log by then is
    among the `parting_words`, for nobody may see it on the screen.
    """

    def __init__(self, handle: Handle, tell: Tell, page: Callable[[Path], None]) -> None:
        self._handle = handle
        self._tell = tell
        self._page = page
        self._saves: list[Save] = []
        self.user_leaves = False
        self.parting_words: list[str] = []

    @property
    def saves(self) -> Sequence[Save]:
        """What is being saved at this moment."""
        return tuple(self._saves)

    async def finish(self, patience: float) -> None:
        """Return when all that is being saved is saved, and after so many seconds in any case."""
        if writers := [save.writer for save in self._saves if save.writer]:
            await asyncio.wait(writers, timeout=patience)

    async def give_up(self) -> None:
        """Save nothing more, for the user has left."""
        self.user_leaves = True
        for save in self._saves:
            if save.writer:
                save.writer.cancel()
        await self.finish(_GIVEN_UP_WITHIN)

    async def save(self, run: Run | None, output: Output) -> None:
        """Save an output in the project's folder, or in the working directory where that is on
        another host; `run` is None for one that belongs to none.
        """
        root = self._handle.status.root
        path = _path(run, root if root.is_dir() else Path.cwd())
        with self._counted(Save(path, asyncio.current_task(), output.extent.kept)) as save:
            try:
                await self._write(output, path, save.go_on)
            except asyncio.CancelledError:
                words = f"{path}: the console was left before all was written"
                self._say(Notice(words, "Not saved", "warning"))
                raise
            except (TaskError, OSError) as error:
                why = error.strerror if isinstance(error, OSError) else None
                self._say(Notice(f"{path}: {why or error}", "Not saved", "error"))
            else:
                self._say(Notice(str(path), "Saved"))

    @contextlib.contextmanager
    def _counted(self, save: Save) -> Iterator[Save]:
        self._saves.append(save)
        try:
            yield save
        finally:
            self._saves.remove(save)

    def _say(self, notice: Notice) -> None:
        if self.user_leaves:
            self.parting_words.append(f"{notice.title}: {notice.text}")
        else:
            self._tell(notice)

    async def show(self, run: Run | None, output: Output) -> None:
        """Show it in the pager, from a file that is gone afterwards."""
        try:
            with tempfile.TemporaryDirectory(prefix="taskconsole-") as folder:
                path = _path(run, Path(folder))
                await self._write(output, path)
                self._show(path)
        except (TaskError, OSError) as error:
            self._tell(Notice(str(error), "The output could not be written", "error"))

    def _show(self, path: Path) -> None:
        try:
            self._page(path)
        except NoProgram as error:
            self._tell(Notice(str(error), "The pager could not be opened", "error"))

    async def _write(
        self, output: Output, path: Path, went_on: Callable[[int, int], None] | None = None
    ) -> None:
        from taskconsole.log_file import write_log  # with the pane that asks for it

        words = f"{count(output.extent.kept, 'line')}: that takes a moment"
        slow = Notice(words, "The output is being written")
        telling = asyncio.get_running_loop().call_later(SLOW, self._tell, slow)
        try:
            await write_log(output, path, ZoneInfo(self._handle.status.timezone), went_on)
        finally:
            telling.cancel()


def _path(run: Run | None, folder: Path) -> Path:
    from taskconsole.log_file import free_path

    return free_path(folder, run.task if run else "", run.id if run else None)
