"""Which keys there are and which do something now; the footer and the help both ask here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from textual.binding import Binding
from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A binding, and its key as it is shown. `refusal` is why it can't be used, if it is grey."""

    binding: Binding
    key: str
    refusal: str = ""


@runtime_checkable
class TellsWhy(Protocol):
    """An app that knows why some actions are grey."""

    def why_not(self, action: str) -> str:
        """Why an action can't be done; empty if it can."""


def shown(screen: Screen[object]) -> Iterator[KeyHint]:
    """Every key that works on a screen now, or would with another engine, the focused widget's own
    ones first.
    """
    for _, binding, enabled, _ in screen.active_bindings.values():
        refusal = "" if enabled else _why_not(screen, binding)
        hint = KeyHint(binding, screen.app.get_key_display(binding), refusal)
        if (enabled or refusal) and not _is_typed(screen, hint.key):
            yield hint


def everything(screen: Screen[object]) -> Iterator[tuple[KeyHint, bool]]:
    """Every key of a screen and whether it works now, those where the focus is first."""
    at_work = [hint.binding for hint in shown(screen) if not hint.refusal]
    focused = screen.focused or screen
    for node in dict.fromkeys((*focused.ancestors_with_self, *screen.walk_children())):
        # active_bindings, which is public, leaves out what does nothing now
        for _, binding in node._bindings:  # noqa: SLF001
            works = binding in at_work
            refusal = "" if works else _why_not(screen, binding)
            yield KeyHint(binding, screen.app.get_key_display(binding), refusal), works


def _why_not(screen: Screen[object], binding: Binding) -> str:
    app: object = screen.app
    return app.why_not(binding.action) if isinstance(app, TellsWhy) else ""


def _is_typed(screen: Screen[object], key: str) -> bool:
    """Whether the focused widget takes the key as text (Textual does not see it of a slash). The
    sign of a key that types nothing, such as `⏎`, is not in ASCII.
    """
    focused = screen.focused
    is_letter = len(key) == 1 and key.isascii()
    return is_letter and focused is not None and focused.check_consume_key(key, key)
