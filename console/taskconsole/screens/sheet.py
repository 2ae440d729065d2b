"""How a sheet over the screen looks: the frame that questions, lists and the help stand in."""

_SHEET = """
    align: center middle;
    background: $background 70%;
    .sheet {
        width: 64;
        max-width: 95%;
        height: auto;
        padding: 1 2;
        border: round $border;
        border-title-color: $foreground;
        border-subtitle-color: $text-muted;
        background: $surface;
        scrollbar-size-vertical: 1;
    }
    .-urgent { border: round $warning; border-title-color: $warning; }
    .sheet OptionList {
        height: auto;
        border: none;
        background: transparent;
        &:focus { border: none; background: transparent; }
    }
"""


def sheet_css(screen: str, own: str = "") -> str:
    """The CSS of a modal screen whose frame has the class `sheet`, `-urgent` if it has to warn;
    `own` is what this screen has besides.
    """
    return f"{screen} {{{_SHEET}{own}}}"
