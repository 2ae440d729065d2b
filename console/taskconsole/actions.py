"""What an action is, and the bindings that are made from it."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something the user can do. `keys` are alternatives, the one to show first.

    `command` is a Textual action with its target. `label` is for the footer, `summary` a sentence
    for help and palette. Keys are shown in the footer unless `quiet`; `palette` is False where an
    action makes no sense without its key.
    """

    id: str
    keys: tuple[str, ...]
    command: str
    label: str
    summary: str
    group: str
    quiet: bool = False
    palette: bool = True
    display: str | None = None

    def bindings(self) -> Iterable[Binding]:
        """One binding per key."""
        group = Binding.Group(self.group)
        for key in self.keys:
            yield Binding(
                key,
                self.command,
                self.label,
                show=not self.quiet,
                key_display=self.display,
                tooltip=self.summary,
                id=self.id,
                group=group,
            )


def bindings(actions: Iterable[Action]) -> list[BindingType]:
    """What a widget's BINDINGS hold for these actions."""
    return [binding for action in actions for binding in action.bindings()]
