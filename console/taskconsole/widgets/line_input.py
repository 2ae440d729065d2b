"""A line to type in, for all that is typed or pasted in one line."""

from textual.widgets import Input

_UNFIT = "\N{REPLACEMENT CHARACTER}"


class LineInput(Input):
    """Holds no character that could steer the terminal, also where one is pasted or proposed."""

    def validate_value(self, value: str) -> str:
        """Put a sign in place of each that could."""
        if value.isprintable():
            return value
        return "".join(one if one.isprintable() else _UNFIT for one in value)
