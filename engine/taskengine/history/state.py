"""Small things that are kept with a project: pauses, drafts, presets, how the console was left."""

from collections.abc import Mapping
from typing import Protocol

from taskengine.records import StateKind


class ProjectState(Protocol):
    """Texts by kind and name. `all` answers from any thread; the coroutine may be awaited on any
    loop, and returns when the text is kept.
    """

    def all(self, kind: StateKind) -> Mapping[str, str]:
        """Everything of one kind, by name."""

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: keep none."""
