"""What stands in for `sys.stdin` where no task can have a keyboard."""

import io

from taskengine.capture.current import current_sink

HINT = "A task has no keyboard: its standard input is empty. Pass what it needs in the payload."


class NoKeyboard(io.TextIOWrapper):
    """Standard input, known to be empty; it tells the run why `input()` or `breakpoint()` fails."""

    def __init__(self) -> None:
        empty = io.BufferedReader(io.FileIO(0, closefd=False))
        super().__init__(empty, encoding="utf-8")

    # The standard library's own classes disagree in the same way: bytes below, text here.
    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """Nothing, as at the end of a file."""
        output = current_sink.get()
        if output is not None:
            output.note(HINT)
        return super().readline(size)

    def close(self) -> None:
        """Stay open: a task that closes its input must not close that of the next run."""
