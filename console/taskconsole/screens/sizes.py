"""How the large screens are laid out at each size of the terminal, and how their time passes."""

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


def too_small() -> Static:
    """What is seen where nothing else has room."""
    return Static("The console needs at least 60 columns and 16 rows.", id="too-small")
