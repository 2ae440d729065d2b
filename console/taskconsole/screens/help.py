"""The keys of the screen the user came from, in words; grey where they would do nothing now, with
the reason where that is the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from taskconsole.phrases import plain
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.keys import everything

_HERE = "Here"


@dataclass(frozen=True, slots=True)
class Key:
    """Keys that do the same, and what: those that do it now, or all of them if none does. `refusal`
    is why they don't with this engine.
    """

    names: tuple[str, ...]
    words: str
    works: bool
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Some keys that belong together."""

    title: str
    keys: tuple[Key, ...]


def sections(screen: Screen[object]) -> list[Section]:
    """What can be pressed on a screen, as far as it has words; the same words are told once."""
    titles: dict[str, str] = {}
    refusals: dict[str, str] = {}
    groups: dict[str, dict[str, dict[str, bool]]] = {}
    for hint, works in everything(screen):
        binding = hint.binding
        if binding.tooltip:
            title = binding.group.description if binding.group else _HERE
            title = titles.setdefault(binding.tooltip, title)
            names = groups.setdefault(title, {}).setdefault(binding.tooltip, {})
            names[hint.key] = works or names.get(hint.key, False)
            refusals[binding.tooltip] = hint.refusal
    return [
        Section(title, tuple(_key(words, names, refusals) for words, names in group.items()))
        for title, group in groups.items()
    ]


def _key(words: str, names: Mapping[str, bool], refusals: Mapping[str, str]) -> Key:
    working = tuple(name for name, works in names.items() if works)
    return Key(working or tuple(names), words, bool(working), refusals[words])


class HelpScreen(ModalScreen[None]):
    """A sheet over the screen; most keys close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", tooltip="Close the help"),
    ]
    DEFAULT_CSS = sheet_css("HelpScreen", ".sheet { width: 76; max-height: 90%; }")

    def __init__(self, shown: Sequence[Section]) -> None:
        super().__init__()
        self._sections = shown

    def compose(self) -> ComposeResult:
        """One sheet that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = "Keys"
            sheet.border_subtitle = "grey keys would do nothing now · escape closes"
            yield _Sections(self._sections)


class _Sections(Static):
    """Keys on the left, and beside them in a column what they do."""

    def __init__(self, shown: Sequence[Section]) -> None:
        super().__init__()
        self._sections = shown

    def on_resize(self) -> None:
        """Break words where the column ends."""
        self.update(Content("\n").join(self._lines(self.size.width)))

    def _lines(self, width: int) -> Iterator[Content]:
        all_keys = [key for section in self._sections for key in section.keys]
        names_width = max((len(_named(key)) for key in all_keys), default=0)
        for number, section in enumerate(self._sections):
            yield Content.styled(("\n" if number else "") + section.title, "bold $secondary")
            for key in section.keys:
                yield from _lines_of(key, f"  {_named(key):<{names_width}}  ", width)


def _named(key: Key) -> str:
    return "  ".join(key.names)


def _lines_of(key: Key, names: str, width: int) -> Iterator[Content]:
    names_style, style = ("$footer-key-foreground", "") if key.works else ("$text-muted dim",) * 2
    words = [Content.styled(key.words, style)]
    if key.refusal and not key.works:
        words.append(Content.styled(plain(key.refusal), "$warning"))
    room = max(width - len(names), 1)
    start = Content.styled(names, names_style)
    for line in Content("\n").join(words).wrap(room):
        yield start + line
        start = Content(" " * len(names))
