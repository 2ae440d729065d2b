"""Texts that are kept with a project elsewhere, as they are known here."""

import asyncio
import contextlib
from collections.abc import Mapping

from taskengine.client.remote.answers import Kept
from taskengine.client.remote.place import Place
from taskengine.errors import TaskError
from taskengine.records import StateKind


class KeptTexts:
    """All of them are known here: a screen asks on every tick, and must not wait. The engine is
    asked one thing at a time, for calls overtake each other, and what is kept last has to stay.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._texts: dict[StateKind, dict[str, str]] = {}
        self._one_at_a_time = asyncio.Lock()

    def of(self, kind: StateKind) -> Mapping[str, str]:
        """Those of one kind, by name."""
        return dict(self._texts.get(kind, {}))

    async def load(self) -> None:
        """Learn what is kept. Raises EngineUnreachable."""
        async with self._one_at_a_time:
            calls = (self._place.connection.get(Kept, "kept", kind) for kind in StateKind)
            found = await asyncio.gather(*calls)
            self._texts = {kind: one.texts for kind, one in zip(StateKind, found, strict=True)}

    async def load_presets(self) -> bool:
        """Learn which presets there are by now, if the engine answers; whether they are others."""
        async with self._one_at_a_time:
            before = self.of(StateKind.PRESET)
            with contextlib.suppress(TaskError):
                found = await self._place.connection.get(Kept, "kept", StateKind.PRESET)
                self._texts[StateKind.PRESET] = found.texts
            return self.of(StateKind.PRESET) != before

    async def load_again(self) -> bool:
        """Learn what is kept by now, if the engine answers; whether presets are others."""
        before = self.of(StateKind.PRESET)
        with contextlib.suppress(TaskError):
            await self.load()
        return self.of(StateKind.PRESET) != before

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        """Keep a text in place of the one before; None: none. Raises EngineUnreachable."""
        async with self._one_at_a_time:
            texts = self._texts.setdefault(kind, {})
            path = ("kept", kind, name)
            if text is None:
                await self._place.connection.order("DELETE", *path)
                texts.pop(name, None)
            else:
                await self._place.connection.order("PUT", *path, body={"text": text})
                texts[name] = text
