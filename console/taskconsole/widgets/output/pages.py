"""The pages of the output pane, of which one is seen: log, traceback, result, payload, or words."""

from datetime import tzinfo
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import ContentSwitcher, Static

from taskconsole.widgets.json_tree import JsonTree
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pulse import Liveliness
from taskconsole.widgets.output.search import Finder
from taskconsole.widgets.output.text_output import output_of
from taskconsole.widgets.output.traceback_output import is_whole
from taskengine.output import Output
from taskengine.run import Run

TABS = ("logs", "result", "payload")
_NOTHING_WATCHED = """\
Nothing to show yet.

Choose a task and run it: what it prints appears here as it comes, then its result."""
_NO_RESULT_YET = "No result yet: the run goes on."
_NO_LOG = """\
What it wrote is not kept any more.

Its result or error, and its payload, are on the other tabs."""


class Pages(ContentSwitcher):
    """Holds what there is to read of one run; `run_log` shows what it wrote."""

    DEFAULT_CSS = """
    Pages {
        height: 1fr;
        #empty, #waiting, #forgotten { padding: 1 2; color: $text-muted; height: 1fr; }
        LogView { padding: 0 0 0 1; height: 1fr; }
        JsonTree { padding: 0 1; height: 1fr; }
    }
    """

    def __init__(
        self,
        *,
        zone: tzinfo,
        root: Path | None,
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
    ) -> None:
        super().__init__(id=id, initial="empty")
        self.run_log = LogView(zone=zone, root=root, id="logs")
        self._traceback = LogView(zone=zone, root=root, id="traceback")
        self._result = JsonTree(id="result")
        self._payload = JsonTree(id="payload")

    def compose(self) -> ComposeResult:
        """All pages."""
        yield Static(_NOTHING_WATCHED, id="empty", markup=False)
        yield Static(_NO_RESULT_YET, id="waiting", markup=False)
        yield Static(_NO_LOG, id="forgotten", markup=False)
        yield self.run_log
        yield self._traceback
        yield self._result
        yield self._payload

    def on_mount(self) -> None:
        """A traceback has no times of its own."""
        self._traceback.timestamps = False

    def show_run(self, run: Run, output: Output | None, finder: Finder | None) -> None:
        """Show another run, from the end of its log."""
        self.run_log.show(output, _liveliness(run, output), finder)
        self.complete(run)

    def complete(self, run: Run) -> None:
        """Show the payload and, if there is one, the result."""
        self._payload.show(run.payload)
        self._show_result(run)

    def show_end(self, run: Run, output: Output | None) -> None:
        """Show how the run ended; `output` goes on from what is seen of it."""
        if output is not None:
            self.run_log.go_on_with(output, _liveliness(run, output))
        self._show_result(run)

    def _show_result(self, run: Run) -> None:
        if run.error is not None:
            heading = f"{run.error.type}: {run.error.message}"
            traceback = output_of(run.error.traceback or heading)
            self._traceback.show(traceback, Liveliness.COMPLETE)
        elif run.state.is_final:
            self._result.show(run.result)

    def turn_to(self, tab: str, run: Run | None, output: Output | None) -> None:
        """Show the page that a tab means for a run, or for output without one."""
        self.current = _page(tab, run, output)

    @property
    def shown_log(self) -> LogView | None:
        """The log on the page that is seen: the run's own, or a traceback."""
        page = self.visible_content
        return page if isinstance(page, LogView) else None


def _liveliness(run: Run, output: Output | None) -> Liveliness:
    has_all = run.state.is_final and (output is None or is_whole(output))
    return Liveliness.ENDED if has_all else Liveliness.GROWING


def _page(tab: str, run: Run | None, output: Output | None) -> str:
    if run is None:
        return "empty" if output is None else "logs"
    if tab == "logs" and output is None:
        return "forgotten"
    if tab != "result":
        return tab
    if run.error is not None:
        return "traceback"
    return "result" if run.state.is_final else "waiting"
