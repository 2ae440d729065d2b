"""Two runs side by side: what of payload, result and error is different."""

import asyncio
from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from taskconsole import marks, phrases
from taskconsole.actions import bindings
from taskconsole.keymap.runs import COMPARE
from taskconsole.run_diff import Difference, Part, difference
from taskconsole.widgets.key_bar import KeyBar
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pulse import Liveliness
from taskconsole.widgets.output.search_bar import SearchBar
from taskconsole.widgets.output.text_output import output_of
from taskconsole.widgets.tab_bar import TabBar
from taskconsole.workers import replace_worker
from taskengine.run import Run

_PARTS = tuple(Part)


class CompareScreen(Screen[None]):
    """Shows one part at a time, first one that differs."""

    BINDINGS = bindings(COMPARE)
    AUTO_FOCUS = "LogView"
    DEFAULT_CSS = """
    CompareScreen {
        #difference { border: round $border; border-title-color: $foreground; height: 1fr; }
        LogView { height: 1fr; padding: 0 1; }
    }
    """

    def __init__(self, left: Run, right: Run) -> None:
        super().__init__()
        self._left, self._right = left, right
        self._found: Mapping[Part, Difference] = {}

    def compose(self) -> ComposeResult:
        """The parts' names, and the lines of one."""
        with Vertical(id="difference"):
            yield TabBar(tuple(part.value.title() for part in _PARTS))
            yield LogView()
            yield SearchBar(lambda: self._log)
        yield KeyBar()

    @property
    def _log(self) -> LogView:
        return self.query_one(LogView)

    def on_mount(self) -> None:
        """Compare, which may take a moment."""
        self._log.timestamps = False
        self._log.show(output_of("comparing …"), Liveliness.COMPLETE)
        replace_worker(self, self._compare, "compare")

    async def _compare(self) -> None:
        left, right = self._left, self._right
        frame = self.query_one("#difference", Vertical)
        frame.border_title = Content(f"{_named(left)}  →  {_named(right)}")
        self._found = await asyncio.to_thread(
            lambda: {part: difference(left, right, part) for part in _PARTS}
        )
        tabs = self.query_one(TabBar)
        tabs.labels = tuple(
            f"{part.value.title()} {'=' if found.is_none else '≠'}"
            for part, found in self._found.items()
        )
        tabs.refresh()
        differing = [at for at, found in enumerate(self._found.values()) if not found.is_none]
        if differing and tabs.active not in differing:
            tabs.active = differing[0]
        self._show()

    @on(TabBar.Turned)
    def _show(self) -> None:
        if found := self._found.get(_PARTS[self.query_one(TabBar).active]):
            self._log.show(output_of("\n".join(found.lines)), Liveliness.COMPLETE)
            self._log.scroll_home(animate=False)

    def action_turn(self, step: int) -> None:
        """Show another part."""
        self.query_one(TabBar).turn(step)

    def action_swap(self) -> None:
        """Compare the second run with the first."""
        self._left, self._right = self._right, self._left
        replace_worker(self, self._compare, "compare")

    def action_leave(self) -> None:
        """Go back to the runs."""
        self.dismiss()

    @on(LogView.SearchRequested)
    def _open_search(self) -> None:
        self.query_one(SearchBar).open()

    @on(SearchBar.Left)
    def _go_back_to_log(self) -> None:
        self._log.focus()


def _named(run: Run) -> str:
    mark = marks.of_run(run)
    return f"#{run.id} {phrases.plain(run.task)} {mark.glyph} {mark.meaning}"
