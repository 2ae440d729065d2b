"""What a run of an engine elsewhere has written: lines that are there only when they have come."""

import asyncio

from taskengine.errors import EngineUnreachable
from taskengine.output import OutputExtent, OutputKind, OutputLine


class LateOutput:
    """Lines that are known to be there, and that come only once they are let. `asked` are the
    stretches that were sent for. There is `room` for so many of those that came last.
    """

    partial = ""

    def __init__(
        self, *texts: str, kind: OutputKind = OutputKind.STDOUT, room: int | None = None
    ) -> None:
        self._lines = [
            OutputLine(number, kind, "", text).encode() for number, text in enumerate(texts)
        ]
        self._here: dict[int, None] = {}
        self._room = len(texts) if room is None else room
        self._gate = asyncio.Event()
        self._is_broken = False
        self.asked: list[range] = []
        self.was_asked = asyncio.Event()

    @property
    def extent(self) -> OutputExtent:
        total = len(self._lines)
        return OutputExtent(total, total, total)

    def let_come(self) -> None:
        """Answer what is asked, and was."""
        self._is_broken = False
        self._gate.set()

    def hold_back(self) -> None:
        """Answer nothing that is asked from now on."""
        self._gate.clear()

    def break_off(self) -> None:
        """Let what is asked fail."""
        self._is_broken = True
        self._gate.set()

    def has(self, start: int, stop: int) -> bool:
        return all(number in self._here for number in range(start, stop))

    async def fetch(self, start: int, stop: int) -> None:
        self.asked.append(range(start, stop))
        self.was_asked.set()
        await self._gate.wait()
        if self._is_broken:
            raise EngineUnreachable("nobody answers")
        come = range(start, min(stop, start + self._room))
        stay = [number for number in self._here if number not in come]
        self._here = dict.fromkeys([*stay, *come][-self._room :])

    def read(self, start: int, stop: int) -> list[str]:
        return self._lines[start:stop] if self.has(start, stop) else []
