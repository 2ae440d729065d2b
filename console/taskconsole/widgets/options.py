"""A list to choose from, at any size of the terminal."""

from textual.widgets import OptionList


class Options(OptionList):
    """Textual's list, but for a page up or down while there is no room for it: that would look for
    rows which are not laid out.
    """

    def action_page_up(self) -> None:
        """Go up a page."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Go down a page."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
