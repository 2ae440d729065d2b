"""The keys that work on the screen the user came from, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from taskconsole.widgets.keys import working

_HERE = "Here"


@dataclass(frozen=True, slots=True)
class Section:
    """Some keys that belong together, each with what it does."""

    title: str
    keys: tuple[tuple[str, str], ...]


def sections(screen: Screen[object]) -> list[Section]:
    """What can be pressed on a screen at this moment, as far as it has words."""
    groups: dict[str, dict[str, list[str]]] = {}
    for hint in working(screen):
        binding = hint.binding
        if binding.tooltip:
            title = binding.group.description if binding.group else _HERE
            groups.setdefault(title, {}).setdefault(binding.tooltip, []).append(hint.key)
    return [
        Section(title, tuple(("  ".join(keys), words) for words, keys in group.items()))
        for title, group in groups.items()
    ]


class HelpScreen(ModalScreen[None]):
    """A sheet over the screen; most keys close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", tooltip="Close the help"),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        background: $background 70%;
        VerticalScroll {
            width: 76;
            max-width: 95%;
            height: auto;
            max-height: 90%;
            padding: 1 2;
            border: round $border;
            border-title-color: $foreground;
            border-subtitle-color: $text-muted;
            background: $surface;
            scrollbar-size-vertical: 1;
        }
    }
    """

    def __init__(self, shown: Sequence[Section]) -> None:
        super().__init__()
        self._sections = shown

    def compose(self) -> ComposeResult:
        """One sheet that scrolls."""
        with VerticalScroll() as sheet:
            sheet.border_title = "Keys that work here"
            sheet.border_subtitle = "escape closes"
            yield Static(Content("\n").join(self._lines()))

    def _lines(self) -> Iterator[Content]:
        width = max(
            (len(keys) for section in self._sections for keys, _ in section.keys), default=0
        )
        for number, section in enumerate(self._sections):
            yield Content.styled(("\n" if number else "") + section.title, "bold $secondary")
            for keys, words in section.keys:
                yield Content.assemble((f"  {keys:<{width}}  ", "$footer-key-foreground"), words)
