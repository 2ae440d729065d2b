"""What a run of an engine elsewhere has written: lines that are there only when they have come."""

import asyncio

from taskengine.errors import EngineUnreachable
from taskengine.output import OutputExtent, OutputKind, OutputLine


class LateOutput:
    """Lines that are known to be there, and that come only once they are let. `asked` are the
    stretches that were sent for.
    """

    partial = ""

    def __init__(self, *texts: str, kind: OutputKind = OutputKind.STDOUT) -> None:
        self._lines = [
            OutputLine(number, kind, "", text).encode() for number, text in enumerate(texts)
        ]
        self._here: set[int] = set()
        self._gate = asyncio.Event()
        self._is_broken = False
        self.asked: list[range] = []

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
        await self._gate.wait()
        if self._is_broken:
            raise EngineUnreachable("nobody answers")
        self._here.update(range(start, stop))

    def read(self, start: int, stop: int) -> list[str]:
        return self._lines[start:stop] if self.has(start, stop) else []
