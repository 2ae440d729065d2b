"""Texts that are kept with a project elsewhere, as they are known here."""

import asyncio
import contextlib
from collections.abc import Mapping

from taskengine.client.remote.answers import Kept
from taskengine.client.remote.place import Place
from taskengine.errors import TaskError
from taskengine.records import StateKind


class KeptTexts:
    """All of them are known here: a screen asks on every tick, and must not wait."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._texts: dict[StateKind, dict[str, str]] = {}

    def of(self, kind: StateKind) -> Mapping[str, str]:
        """Those of one kind, by name."""
        return dict(self._texts.get(kind, {}))

    async def load(self) -> None:
        """Learn what is kept. Raises EngineUnreachable."""
        calls = (self._place.connection.get(Kept, "kept", kind) for kind in StateKind)
        found = await asyncio.gather(*calls)
        self._texts = {kind: one.texts for kind, one in zip(StateKind, found, strict=True)}

    async def load_presets(self) -> bool:
        """Learn which presets there are by now, if the engine answers; whether they are others."""
        before = self.of(StateKind.PRESET)
        with contextlib.suppress(TaskError):
            found = await self._place.connection.get(Kept, "kept", StateKind.PRESET)
            self._texts[StateKind.PRESET] = found.texts
        return self.of(StateKind.PRESET) != before

    async def load_again(self) -> None:
        """The same, if the engine answers."""
        try:
            await self.load()
        except TaskError:
            return  # what was kept before is as good as can be had

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: none. Raises EngineUnreachable."""
        texts = self._texts.setdefault(kind, {})
        if text is None:
            await self._place.connection.order("DELETE", "kept", kind, name)
            texts.pop(name, None)
        else:
            await self._place.connection.order("PUT", "kept", kind, name, body={"text": text})
            texts[name] = text
