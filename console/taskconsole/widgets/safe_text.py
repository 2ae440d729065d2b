"""Makes a task's text safe to show: colours are kept, whatever else could steer a terminal is not.

The text that comes out holds no control character, and every character in it is as wide in a
terminal as `rich.cells` says, so that nothing moves the cursor or shifts what stands beside it.
"""

import re
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from taskconsole.widgets.sgr import apply_sgr

MAX_SHOWN = 10_000
TAB_WIDTH = 8
UNSHOWABLE = "\ufffd"

_ESCAPE = (
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~]|\Z)"  # CSI, colours among them
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\Z)"  # OSC, DCS, …
    r"|\x1b[ -/]*[0-~]"
)
# Joiners and variation selectors make terminals disagree on the width of what they join.
_UNSEEN = "\u200b\u200d\u2060\ufe0e\ufe0f\ufeff\U000e0000-\U000e007f"
_REORDERING = "\u2028\u2029\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_CONTROL = "\x00-\x1f\x7f-\x9f"
_SPECIAL = re.compile(
    rf"{_ESCAPE}|(?P<unseen>[{_UNSEEN}])|(?P<odd>[{_CONTROL}{_REORDERING}{_SURROGATES}])"
)
_PLAIN = re.compile(rf"[^{_CONTROL}{_REORDERING}{_SURROGATES}{_UNSEEN}]*")
_BROKEN_ESCAPE = re.compile(r"(?:\x1b|\x9b)[^@-~]*\Z")


@dataclass(frozen=True, slots=True)
class SafeText:
    """Text that may be drawn, and the styles of its parts as (start, end, style)."""

    plain: str
    spans: tuple[tuple[int, int, Style], ...] = ()


def make_safe(text: str) -> SafeText:
    """A line as it can be shown, cut after `MAX_SHOWN` characters with a mark that says so.

    Where a line overwrites itself after a carriage return, what it wrote last counts.
    """
    text, mark = _cut(_last_overwrite(text))
    if _PLAIN.fullmatch(text):
        return SafeText(text + mark)
    builder = _Builder()
    builder.feed(text)
    builder.add(mark)
    return SafeText("".join(builder.parts), tuple(builder.spans))


def _last_overwrite(text: str) -> str:
    if "\r" not in text:
        return text
    end = len(text)
    while end and text[end - 1] == "\r":
        end -= 1
    return text[text.rfind("\r", 0, end) + 1 : end]


def _cut(text: str) -> tuple[str, str]:
    if len(text) <= MAX_SHOWN:
        return text, ""
    shown = _BROKEN_ESCAPE.sub("", text[:MAX_SHOWN])
    return shown, f" … {len(text) - len(shown):,} more characters"


class _Builder:
    """Collects the safe parts of one line from left to right."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.spans: list[tuple[int, int, Style]] = []
        self._length = 0
        self._cells = 0
        self._style = Style.null()

    def feed(self, text: str) -> None:
        end = 0
        for match in _SPECIAL.finditer(text):
            self.add(text[end : match.start()])
            self._replace(match)
            end = match.end()
        self.add(text[end:])

    def add(self, text: str) -> None:
        if not text:
            return
        start, self._length = self._length, self._length + len(text)
        self._cells += cell_len(text)
        self.parts.append(text)
        if self._style:
            self.spans.append((start, self._length, self._style))

    def _replace(self, match: re.Match[str]) -> None:
        if match["final"] == "m":
            self._style = apply_sgr(self._style, match["parameters"])
        elif match["odd"] == "\t":
            self.add(" " * (TAB_WIDTH - self._cells % TAB_WIDTH))
        elif match["odd"]:
            self.add(_picture(match["odd"]))


def _picture(character: str) -> str:
    """A visible sign for a character that can't be shown: `␛` for escape."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else UNSHOWABLE
