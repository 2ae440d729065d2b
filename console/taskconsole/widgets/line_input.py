"""A line to type in, for all that is typed or pasted in one line."""

from textual.reactive import reactive
from textual.widgets import Input

_UNFIT = "\N{REPLACEMENT CHARACTER}"


class LineInput(Input):
    """Holds no character that could steer the terminal, also where one is pasted or proposed.

    Its cursor stands still, as that of the editor: to blink would be work for nothing.
    """

    cursor_blink = reactive(False, init=False)

    def validate_value(self, value: str) -> str:
        """Put a sign in place of each that could."""
        if value.isprintable():
            return value
        return "".join(one if one.isprintable() else _UNFIT for one in value)
