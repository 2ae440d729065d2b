"""A scrolling view that stays at the end of what grows in it until someone scrolls away."""

from collections.abc import Iterator
from contextlib import contextmanager

from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.widget import Widget


class TailView(ScrollView):
    """Scrolls at once, without gliding, and tells the user's scrolling from its own."""

    follow: reactive[bool] = reactive(True, repaint=False, init=False)

    _is_placing = False

    def scrolled_by_user(self) -> None:
        """The user, and not the view, has just scrolled up or down."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end if that is where the user scrolled to, else stay with the user."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placing:
            self.follow = new_value >= self.max_scroll_y
            self.scrolled_by_user()

    def make_room(self, size: Size) -> None:
        """Grow without a new layout of the whole screen, which is slow 30 times a second."""
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            with self._placing():  # where there is less room by now, it scrolls
                self._scroll_update(size)

    def stand_at(self, row: int) -> None:
        """Have a row on top, or as near to it as there are rows below."""
        with self._placing():
            self.scroll_to(y=min(row, self.max_scroll_y), animate=False)

    @contextmanager
    def _placing(self) -> Iterator[None]:
        """Scrolling that happens in here is not the user's."""
        self._is_placing = True
        try:
            yield
        finally:
            self._is_placing = False

    def action_scroll_up(self) -> None:
        """Go up a row."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_down(self) -> None:
        """Go down a row."""
        self.scroll_relative(y=1, animate=False)

    def action_scroll_left(self) -> None:
        """Go left."""
        self.scroll_relative(x=-8, animate=False)

    def action_scroll_right(self) -> None:
        """Go right."""
        self.scroll_relative(x=8, animate=False)

    def action_page_up(self) -> None:
        """Go up a page."""
        self.scroll_relative(y=1 - self.size.height, animate=False)

    def action_page_down(self) -> None:
        """Go down a page."""
        self.scroll_relative(y=self.size.height - 1, animate=False)

    def action_scroll_home(self) -> None:
        """Go to the first row."""
        self.scroll_to(x=0, y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Go to the last row and follow."""
        self.follow = True
        self.stand_at(self.virtual_size.height)
