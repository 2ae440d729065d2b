"""How the large screens are laid out at each size of the terminal, and how their time passes."""

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

TICK_SECONDS = 1.0
SPIN_SECONDS = 0.25

WIDTHS: list[tuple[int, str]] | None = [
    (0, "-too-narrow"),
    (60, "-narrow"),
    (76, "-medium"),
    (110, "-wide"),
]
HEIGHTS: list[tuple[int, str]] | None = [(0, "-too-short"), (16, "-short"), (30, "-tall")]

_SHARED = """
    layout: vertical;
    background: $background;
    #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle; }
    OutputPane { border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    OutputPane:focus-within { border-title-color: $foreground; border-subtitle-color: $foreground; }
    &.-medium #project { max-width: 18; }
    &.-narrow #project { max-width: 12; }
    &.-medium #brand { display: none; }
    &.-narrow #brand { display: none; }
"""
_TOO_SMALL = """
    &.-too-narrow > Widget { display: none; }
    &.-too-short > Widget { display: none; }
    &.-too-narrow > #below { display: none; }
    &.-too-short > #below { display: none; }
    &.-too-narrow > #too-small { display: block; }
    &.-too-short > #too-small { display: block; }
"""


def sized_css(screen: str, own: str) -> str:
    """The CSS of a large screen; `own` is what this one has besides."""
    return f"{screen} {{{_SHARED}{own}{_TOO_SMALL}}}"


def arrange(screen: Screen[None], is_so: bool, *classes: str) -> None:
    """Have classes on a large screen, or not, that say which of its parts are seen.

    Only the parts are styled anew: Textual would go through all that is in them as well, which
    takes longer than a key may.
    """
    screen.set_class(is_so, *classes, update=False)
    inner = (part for outer in screen.query_children("#upper") for part in outer.children)
    screen.app.stylesheet.update_nodes([*screen.children, *inner])


class TooSmall(Static):
    """What is seen where nothing else has room, not even for the focus."""

    def __init__(self) -> None:
        super().__init__("The console needs at least 60 columns and 16 rows.", id="too-small")

    def on_hide(self) -> None:
        """There is room again: the focus, lost with all that was hidden, is where it begins."""
        self.call_after_refresh(self._bring_back_focus)

    def _bring_back_focus(self) -> None:
        parts = self.screen.query(self.screen.AUTO_FOCUS or "*")
        if self.screen.focused is None and (first := next(filter(_can_focus, parts), None)):
            self.screen.set_focus(first)


def _can_focus(part: Widget) -> bool:
    return part.focusable
