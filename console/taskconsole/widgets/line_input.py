"""A line to type in, for all that is typed or pasted in one line."""

from textual.events import Key
from textual.widgets import Input

_UNFIT = "\N{REPLACEMENT CHARACTER}"


class LineInput(Input):
    """Holds no character that could steer the terminal, also where one is pasted or proposed.

    A key that was typed ahead, and is found here when the focus has gone, goes on to where that is.
    """

    async def _on_key(self, event: Key) -> None:
        if self.screen.focused is self:
            await super()._on_key(event)
        else:
            event.stop()
            event.prevent_default()
            self.app.post_message(Key(event.key, event.character))

    def validate_value(self, value: str) -> str:
        """Put a sign in place of each that could."""
        if value.isprintable():
            return value
        return "".join(one if one.isprintable() else _UNFIT for one in value)
