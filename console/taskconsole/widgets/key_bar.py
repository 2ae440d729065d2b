"""The last line: the keys that work now, and grey those that don't with the engine at hand. Help,
commands and quit never lose their room.
"""

from itertools import accumulate, islice

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from taskconsole.widgets import keys
from taskconsole.widgets.keys import KeyHint

ALWAYS = ("console.help", "console.palette", "console.quit")
FIRST = (
    "engine.start",
    "task.run",
    "payload.run",
    "run.cancel",
    "editor.leave",
    "payload.edit",
    "tasks.filter",
    "problems.leave",
    "example.create",
    "compare.leave",
    "show.runs",
    "history.leave",
    "history.cancel",
    "history.text",
    "search.end",
    "compare.next",
    "compare.swap",
)
_GAP = 2


def shown(screen: Screen[object]) -> list[KeyHint]:
    """The keys that do something now, each action once, under the shortest key that works."""
    hints: dict[str, KeyHint] = {}
    for hint in keys.shown(screen):
        if hint.binding.show and hint.binding.description:
            known = hints.get(hint.binding.action, hint)
            hints[hint.binding.action] = min(known, hint, key=lambda one: len(one.key))
    return list(hints.values())


def width_of(hint: KeyHint) -> int:
    """The cells a hint takes, with the gap after it."""
    return len(hint.key) + 1 + len(hint.binding.description) + _GAP


def fit(hints: list[KeyHint], width: int) -> tuple[list[KeyHint], list[KeyHint]]:
    """What there is room for on the left, what matters most first, and what always stands on the
    right. What comes after the first that has no room has none either.
    """
    right = [hint for name in ALWAYS for hint in hints if hint.binding.id == name]
    others = sorted((hint for hint in hints if hint not in right), key=_rank)
    ends = accumulate(map(width_of, others), initial=sum(map(width_of, right)))
    left = [hint for hint, end in zip(others, islice(ends, 1, None), strict=True) if end <= width]
    return left, right


def _rank(hint: KeyHint) -> int:
    name = hint.binding.id or ""
    if hint.refusal:
        return len(FIRST) + 1
    return FIRST.index(name) if name in FIRST else len(FIRST)


class KeyBar(Widget):
    """Shows keys; a click on one presses it, and the pointer over it is told what it does."""

    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._hints: list[KeyHint] = []
        self._places: list[tuple[range, KeyHint]] = []

    def on_mount(self) -> None:
        """Follow what the screen binds."""
        self.screen.bindings_updated_signal.subscribe(self, self._on_bindings)

    def _on_bindings(self, _screen: Screen[object]) -> None:
        if self.app.screen is self.screen:  # below another screen, its answers would be that one's
            self._hints = shown(self.screen)
            self.refresh()

    def render(self) -> Content:
        """Both groups, with the blank between them."""
        left, right = fit(self._hints, self.size.width)
        taken = sum(width_of(hint) for hint in (*left, *right))
        self._places = []
        parts: list[Content] = []
        column = 0
        for hint in left:
            column = self._place(hint, column, parts)
        blank = max(self.size.width - taken + _GAP, 0)
        parts.append(Content(" " * blank))
        column += blank
        for hint in right:
            column = self._place(hint, column, parts)
        return Content.assemble(*parts)

    def _place(self, hint: KeyHint, column: int, parts: list[Content]) -> int:
        key_style = "$text-disabled" if hint.refusal else "bold $footer-key-foreground"
        parts.append(Content.styled(hint.key, key_style))
        label_style = "$text-disabled" if hint.refusal else ""
        parts.append(Content.styled(f" {hint.binding.description}{' ' * _GAP}", label_style))
        self._places.append((range(column, column + width_of(hint) - _GAP), hint))
        return column + width_of(hint)

    def _at(self, event: events.MouseEvent) -> KeyHint | None:
        column = event.x - self.gutter.left
        return next((hint for place, hint in self._places if column in place), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say what the key under the pointer does, or why it can't."""
        hint = self._at(event)
        self.tooltip = Content(hint.refusal or hint.binding.tooltip) if hint else None

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        if hint := self._at(event):
            self.app.simulate_key(hint.binding.key)
