"""What joins the engine to one run's processes."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The engine's ends, and those to be handed over: the keeper's, then the task's `TaskEnds`."""

    keeper: socket.socket
    messages: socket.socket
    output: FileIO
    errors: FileIO
    other_ends: tuple[socket.socket, socket.socket, FileIO, FileIO]

    @property
    def other_fds(self) -> list[int]:
        """The descriptors to be handed over."""
        return [end.fileno() for end in self.other_ends]

    def let_go(self) -> None:
        """Close what was handed over, so that its end can be seen."""
        for end in self.other_ends:
            end.close()


@contextmanager
def open_channels() -> Iterator[Channels]:
    """Channels that are closed at the end. Raises OSError if there are no descriptors left."""
    with ExitStack() as stack:
        keeper, keepers_end = map(stack.enter_context, socket.socketpair())
        messages, messages_end = map(stack.enter_context, socket.socketpair())
        for ours in (keeper, messages):
            ours.setblocking(False)
        output, output_end = _pipe(stack)
        errors, errors_end = _pipe(stack)
        yield Channels(
            keeper=keeper,
            messages=messages,
            output=output,
            errors=errors,
            other_ends=(keepers_end, messages_end, output_end, errors_end),
        )


def _pipe(stack: ExitStack) -> tuple[FileIO, FileIO]:
    reader, writer = os.pipe()
    return stack.enter_context(FileIO(reader, "rb")), stack.enter_context(FileIO(writer, "wb"))
