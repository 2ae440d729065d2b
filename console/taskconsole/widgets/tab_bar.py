"""A line of tabs to click on. What they stand for is shown elsewhere."""

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_GAP = 2


class TabBar(Widget):
    """Labels in a row, one of them active."""

    DEFAULT_CSS = """
    TabBar { height: 1; padding: 0 1; color: $text-muted; }
    """

    active = reactive(0, init=False)

    @dataclass
    class Turned(Message):
        """Another tab is active."""

        label: str

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.labels = labels

    def render(self) -> Content:
        """All labels; the active one is marked by more than its colour."""
        parts: list[Content] = []
        for index, label in enumerate(self.labels):
            style = "bold underline $primary" if index == self.active else ""
            parts += [Content.styled(label, style), Content(" " * _GAP)]
        return Content.assemble(*parts)

    def turn(self, step: int) -> None:
        """Go to another tab, round the ends."""
        self.active = (self.active + step) % len(self.labels)

    def watch_active(self, active: int) -> None:
        """Tell which one it is."""
        self.post_message(self.Turned(self.labels[active]))

    def on_click(self, event: events.Click) -> None:
        """Go to the tab under the pointer."""
        end = self.gutter.left - _GAP // 2
        for index, label in enumerate(self.labels):
            end += len(label) + _GAP
            if event.x < end:
                self.active = index
                return
