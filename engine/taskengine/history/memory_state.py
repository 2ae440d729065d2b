"""The small things of a project, kept in memory."""

from collections.abc import Mapping

from taskengine.records import StateKind


class MemoryState:
    """Texts by kind and name, for as long as the process lives."""

    def __init__(self) -> None:
        self._texts: dict[StateKind, Mapping[str, str]] = {}

    def all(self, kind: StateKind) -> Mapping[str, str]:
        """Everything of one kind, by name."""
        return self._texts.get(kind, {})

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: keep none."""
        others = {key: value for key, value in self.all(kind).items() if key != name}
        self._texts[kind] = others if text is None else {**others, name: text}
