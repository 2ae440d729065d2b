"""What a thread is doing at this moment, without asking it: its frames, as words and places."""

import asyncio
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

_OUR_CODE = str(Path(__file__).parents[1])
_MACHINERY = (_OUR_CODE, str(Path(asyncio.__file__).parent), threading.__file__)


@dataclass(frozen=True, slots=True)
class Stack:
    """The calls that a thread is in, the innermost first."""

    frames: tuple[FrameType, ...]

    @property
    def codes(self) -> Iterator[CodeType]:
        """The code of each call."""
        return (frame.f_code for frame in self.frames)

    def place(self, root: Path | None) -> tuple[Path | None, int | None]:
        """File and line of the innermost call in the project's own code, or of the innermost."""
        for frame in (*(one for one in self.frames if _is_below(root, one)), *self.frames[:1]):
            return Path(frame.f_code.co_filename), frame.f_lineno
        return None, None

    def is_in(self, root: Path | None) -> bool:
        """Whether any of the calls is in the project's own code."""
        return any(_is_below(root, frame) for frame in self.frames)

    def text(self) -> str:
        """The stack as Python prints it, without the machinery that leads to users' code."""
        own = list(self.frames)
        while len(own) > 1 and own[-1].f_code.co_filename.startswith(_MACHINERY):
            own.pop()
        lines = traceback.StackSummary.extract((one, one.f_lineno) for one in reversed(own))
        return "Stack (most recent call last):\n" + "".join(lines.format())


def stack_of(thread: int | None) -> Stack:
    """The stack of the thread of this identifier; empty if there is none."""
    frame = sys._current_frames().get(thread or 0)  # noqa: SLF001 - the documented way
    return Stack(tuple(_outwards(frame)))


def stacks() -> dict[int, Stack]:
    """The stacks of all threads but the calling one, by their identifiers."""
    own = threading.get_ident()
    frames = sys._current_frames()  # noqa: SLF001 - the documented way
    return {one: Stack(tuple(_outwards(top))) for one, top in frames.items() if one != own}


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_below(root: Path | None, frame: FrameType) -> bool:
    """Whether a call is in the project's code, which installed packages below it are not."""
    if root is None:
        return False
    path = Path(frame.f_code.co_filename)
    return path.is_relative_to(root) and "site-packages" not in path.parts
