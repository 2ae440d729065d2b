"""Which keys there are and which do something now; the footer and the help both ask here."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding
from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A binding, and its key as it is shown."""

    binding: Binding
    key: str


def working(screen: Screen[object]) -> Iterator[KeyHint]:
    """Every key that works on a screen now, the focused widget's own ones first."""
    for _, binding, enabled, _ in screen.active_bindings.values():
        hint = KeyHint(binding, screen.app.get_key_display(binding))
        if enabled and not _is_typed(screen, hint.key):
            yield hint


def everything(screen: Screen[object]) -> Iterator[tuple[KeyHint, bool]]:
    """Every key of a screen and whether it works now, those where the focus is first."""
    at_work = [hint.binding for hint in working(screen)]
    focused = screen.focused or screen
    for node in dict.fromkeys((*focused.ancestors_with_self, *screen.walk_children())):
        # active_bindings, which is public, leaves out what does nothing now
        for _, binding in node._bindings:  # noqa: SLF001
            hint = KeyHint(binding, screen.app.get_key_display(binding))
            yield hint, binding in at_work


def _is_typed(screen: Screen[object], key: str) -> bool:
    """Whether the focused widget takes the key as text (Textual does not see it of a slash)."""
    focused = screen.focused
    return len(key) == 1 and focused is not None and focused.check_consume_key(key, key)
