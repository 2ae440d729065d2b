"""A log on its way into a file, and how far it is, in words."""

from asyncio import Task
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from taskconsole import phrases
from taskconsole.formatting import format_count


@dataclass(eq=False, slots=True)
class Save:
    """One log: which task writes it, where it goes, and how many of its lines are written."""

    path: Path
    writer: Task[object] | None
    lines: int
    written: int = 0

    def go_on(self, written: int, lines: int) -> None:
        """So many lines are written now, of so many."""
        self.written, self.lines = written, lines


def being_saved(saves: Sequence[Save]) -> str:
    """`1 log is being saved`, `3 logs are being saved`."""
    return f"{phrases.count(len(saves), 'log')} {'is' if len(saves) == 1 else 'are'} being saved"


def save_lines(saves: Sequence[Save]) -> Content:
    """Each log in a line: `db-migrate-7.log  42,000/100,000 lines`."""
    return Content("\n").join(Content(_save_line(save)) for save in saves)


def _save_line(save: Save) -> str:
    far = f"{format_count(save.written)}/{phrases.count(save.lines, 'line')}"
    return f"{phrases.plain(save.path.name)}  {far}"
