"""The framed pane about the chosen row: tabs for a task, a few words for anything else."""

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Static

from taskconsole.phrases import plain
from taskconsole.widgets.framed import Framed
from taskconsole.widgets.option_view import OptionTab
from taskconsole.widgets.payload_tab import PayloadTab
from taskconsole.widgets.run_list import RunList
from taskconsole.widgets.schedule_view import ScheduleTab
from taskconsole.widgets.source_view import SourceTab
from taskconsole.widgets.tab_bar import TabBar
from taskconsole.widgets.told_line import ToldLine

InALine = Callable[[int], Content | None]
"""What a task's runs add up to, in so many cells."""

_CORNERS = 4  # cells of the frame that a title leaves free

TABS = ("Payload", "Runs", "Schedule", "Options", "Source")


class ProblemLine(ToldLine):
    """What is wrong with the task; a click asks for the place."""

    class Clicked(Message):
        """The user wants to see the place."""

    def on_click(self, _event: events.Click) -> None:
        """Ask for it."""
        self.post_message(self.Clicked())


class DetailPanel(Framed):
    """Shows one thing at a time."""

    DEFAULT_CSS = """
    DetailPanel {
        #description { max-height: 2; padding: 0 1; text-style: italic; }
        ProblemLine { max-height: 4; padding: 0 1; color: $error; }
        ContentSwitcher { height: 1fr; }
        ContentSwitcher > * { height: 1fr; }
        #about { height: 1fr; scrollbar-size-vertical: 1; }
        #words { padding: 1 2; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_a_line: InALine = _nothing

    def compose(self) -> ComposeResult:
        """Stack the parts."""
        yield TabBar(TABS)
        yield ProblemLine()
        yield ToldLine("description")
        with ContentSwitcher(initial="Payload"):
            yield PayloadTab(id="Payload")
            yield RunList(id="Runs")
            yield ScheduleTab(id="Schedule")
            yield OptionTab(id="Options")
            yield SourceTab(id="Source")
        with VerticalScroll(id="about"):
            yield Static("", id="words", markup=False)

    def on_mount(self) -> None:
        """Begin with nothing."""
        self._show_parts(of_task=False)

    @property
    def tab(self) -> str:
        """The label of the tab that is shown."""
        return TABS[self.query_one(TabBar).active]

    def turn_to(self, tab: str) -> None:
        """Show a tab."""
        self.query_one(TabBar).active = TABS.index(tab)
        self.query_one(ContentSwitcher).current = tab

    def turn(self, step: int) -> None:
        """Show the next tab, or the previous one."""
        self.query_one(TabBar).turn(step)

    def show_task(self, title: str, description: str, problem: str) -> None:
        """Show a task, and in a line what is wrong with it."""
        self._show_parts(of_task=True)
        self.border_title = Content(plain(title))
        self._tell(plain(description), plain(problem))

    def show_past(self, in_a_line: InALine) -> None:
        """Show in the frame what the task's runs add up to."""
        self._in_a_line = in_a_line
        self.border_subtitle = in_a_line(self.size.width - _CORNERS) or ""

    def on_resize(self) -> None:
        """As much of it as there is room for."""
        self.show_past(self._in_a_line)

    def show_words(self, title: str, text: str) -> None:
        """Show a text for what is not a task."""
        self._show_parts(of_task=False)
        self.border_title = Content(title)
        self.show_past(_nothing)
        self._tell("", "")
        self.query_one("#words", Static).update(text)

    def _show_parts(self, *, of_task: bool) -> None:
        """A class would have Textual style all that is in them anew."""
        self.query_one(TabBar).display = of_task
        self.query_one(ContentSwitcher).display = of_task
        self.query_one("#about").display = not of_task

    def _tell(self, description: str, problem: str) -> None:
        self.query_one("#description", ToldLine).tell(description)
        self.query_one(ProblemLine).tell(problem)

    @on(TabBar.Turned)
    def _switch(self, event: TabBar.Turned) -> None:
        self.query_one(ContentSwitcher).current = event.label


def _nothing(_width: int) -> None:
    """Of what is no task, or of one that never ran."""
