"""Makes tracebacks readable: the project's own frames stand out, all others step back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

_FRAME = re.compile(r'[\s|+-]*File "(?P<path>[^"]+)", line \d+')
_CODE_INDENT = re.compile(r"[\s|+-]*? {4}\S")
_EXCEPTION = re.compile(
    r"[\s|+-]*(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Group)"
    r"\b(?=:|$| \()"
)
# How paths begin that are not below the root, and names that are no paths: `<frozen os>`.
_OUTSIDE = ("/", "<")
_FOREIGN_FOLDERS = ("/site-packages/", "/dist-packages/", "/.venv/", "/lib/python")


@dataclass(frozen=True, slots=True)
class Frames:
    """Tells frames of the project below `root` from others; without a root all are alike.

    Relative paths are those from the root.
    """

    root: Path | None = None

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--own-frame",
        "log--foreign-frame",
        "log--exception",
    }

    def highlight(self, body: str, before: str) -> Iterator[tuple[str, int, int]]:
        """The component classes, starts and ends that a line's text deserves.

        `before` is the text of the line before it, which says whose code an indented line is.
        """
        if frame := _FRAME.match(body):
            yield from self._frame(frame, len(body))
        elif before and (frame := _FRAME.match(before)) and _CODE_INDENT.match(body):
            if not self._is_own(frame["path"]):
                yield "log--foreign-frame", 0, len(body)
        elif exception := _EXCEPTION.match(body):
            yield "log--exception", exception.start(), exception.end()

    def _frame(self, frame: re.Match[str], end: int) -> Iterator[tuple[str, int, int]]:
        if self._is_own(frame["path"]):
            yield "log--own-frame", frame.start("path"), end
        else:
            yield "log--foreign-frame", 0, end

    def _is_own(self, path: str) -> bool:
        if self.root is None:
            return True
        inside = path.removeprefix(f"{self.root}/")
        return inside[:1] not in _OUTSIDE and not any(
            part in f"/{inside}" for part in _FOREIGN_FOLDERS
        )
