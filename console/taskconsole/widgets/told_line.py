"""A line, or a few, for words that are there at times only."""

from textual.content import Content
from textual.widgets import Static


class ToldLine(Static):
    """Takes no room while there is nothing to tell; drawn anew only when the words are others."""

    DEFAULT_CSS = """
    ToldLine { display: none; height: auto; }
    ToldLine.-told { display: block; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__("", id=id, markup=False)
        self._words = Content()

    def tell(self, words: str | Content | None) -> None:
        """Show these words, which may have styles; None or no words: nothing."""
        content = words if isinstance(words, Content) else Content(words or "")
        if not content.is_same(self._words):
            self._words = content
            self.set_class(bool(content), "-told")
            self.update(content)
