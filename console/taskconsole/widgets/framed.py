"""The frame around a part of a screen: bright while something in it has the focus."""

from textual.containers import Vertical


class Framed(Vertical):
    """Parts one below the other, in a frame with a title."""

    DEFAULT_CSS = """
    Framed {
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        &:focus-within { border: round $border; border-title-color: $foreground; }
    }
    """
