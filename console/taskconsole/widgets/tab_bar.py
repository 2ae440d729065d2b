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
        """As many labels as fit, the active one among them and marked by more than its colour."""
        parts: list[Content] = [Content("◂" if self._shown().start else "")]
        for index in self._shown():
            style = "bold underline $primary" if index == self.active else ""
            parts += [Content.styled(self.labels[index], style), Content(" " * _GAP)]
        if self._shown().stop < len(self.labels):
            parts[-1] = Content(" ▸")
        return Content.assemble(*parts)

    def _shown(self) -> range:
        """The labels that there is room for, from the first on unless the active one is beyond."""
        first = 0
        while first < self.active and self._width(range(first, self.active + 1)) > self.size.width:
            first += 1
        stop = self.active + 1
        while stop < len(self.labels) and self._width(range(first, stop + 1)) <= self.size.width:
            stop += 1
        return range(first, stop)

    def _width(self, shown: range) -> int:
        """The cells that labels take, with gaps and the signs for what is hidden."""
        cells = sum(len(self.labels[index]) for index in shown) + _GAP * (len(shown) - 1)
        return cells + (shown.start > 0) + len(" ▸") * (shown.stop < len(self.labels))

    def turn(self, step: int) -> None:
        """Go to another tab, round the ends."""
        self.active = (self.active + step) % len(self.labels)

    def watch_active(self, active: int) -> None:
        """Tell which one it is."""
        self.post_message(self.Turned(self.labels[active]))

    def on_click(self, event: events.Click) -> None:
        """Go to the tab under the pointer; on a sign for hidden ones, to the first of those."""
        shown = self._shown()
        x = event.x - self.gutter.left
        if shown.start and x == 0:
            self.active = shown.start - 1
            return
        end = (shown.start > 0) - _GAP // 2
        for index in shown:
            end += len(self.labels[index]) + _GAP
            if x < end:
                self.active = index
                return
        if shown.stop < len(self.labels):
            self.active = shown.stop
