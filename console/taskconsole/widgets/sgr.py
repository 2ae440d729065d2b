"""The colours and attributes that a terminal is asked for by `ESC [ … m`, as rich styles."""

from collections.abc import Iterator
from functools import lru_cache

from rich.color import Color
from rich.style import Style

# Blinking (5, 6) and hidden text (8) are left out: output is there to be read.
_ATTRIBUTES: dict[int, Style] = {
    1: Style(bold=True),
    2: Style(dim=True),
    3: Style(italic=True),
    4: Style(underline=True),
    7: Style(reverse=True),
    9: Style(strike=True),
    21: Style(underline2=True),
    22: Style(bold=False, dim=False),
    23: Style(italic=False),
    24: Style(underline=False, underline2=False),
    27: Style(reverse=False),
    29: Style(strike=False),
    53: Style(overline=True),
    55: Style(overline=False),
}
_EXTENDED = {38, 48}
_EXTENDED_UNDERLINE = 58
_DEFAULT_COLOR = 39
_DEFAULT_BACKGROUND = 49


@lru_cache(maxsize=1024)
def apply_sgr(style: Style, parameters: str) -> Style:
    """The style that holds after `ESC [ parameters m`; what is not understood changes nothing."""
    codes = _codes(parameters)
    for code in codes:
        if code == 0:
            style = Style.null()
        elif code in _EXTENDED:
            style += _coloured(_extended_color(codes), is_background=code == 48)
        elif code == _EXTENDED_UNDERLINE:
            _extended_color(codes)
        elif code == _DEFAULT_COLOR:
            style = style.without_color + Style(bgcolor=style.bgcolor)
        elif code == _DEFAULT_BACKGROUND:
            style = style.without_color + Style(color=style.color)
        else:
            style += _ATTRIBUTES.get(code) or _basic_color(code)
    return style


def _codes(parameters: str) -> Iterator[int]:
    """The numbers; of `4:3` and its like only the first, but `38:2::r:g:b` as its parts."""
    for part in parameters.split(";"):
        head, *rest = part.split(":")
        yield _number(head)
        if _number(head) in {*_EXTENDED, _EXTENDED_UNDERLINE}:
            # An RGB colour may name its colour space before the three values.
            parts = [*rest[:1], *rest[2:]] if len(rest) > 4 else rest
            yield from map(_number, parts)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0 if not text else -1


def _basic_color(code: int) -> Style:
    for first, background, offset in (
        (30, False, 0),
        (40, True, 0),
        (90, False, 8),
        (100, True, 8),
    ):
        if 0 <= code - first < 8:
            return _coloured(Color.from_ansi(code - first + offset), is_background=background)
    return Style.null()


def _extended_color(codes: Iterator[int]) -> Color | None:
    kind = next(codes, -1)
    if kind == 5:
        index = next(codes, -1)
        return Color.from_ansi(index) if 0 <= index <= 255 else None
    if kind == 2:
        values = [next(codes, -1) for _ in range(3)]
        return Color.from_rgb(*values) if all(0 <= value <= 255 for value in values) else None
    return None


def _coloured(color: Color | None, *, is_background: bool) -> Style:
    if color is None:
        return Style.null()
    return Style(bgcolor=color) if is_background else Style(color=color)
