"""What a handle says in the place of output, which Nitro keeps to itself."""

from collections.abc import Sequence
from datetime import datetime

from taskengine.output import OutputBuffer, OutputKind, line_prefix
from taskengine.run import Run

BEGAN_ANEW = (
    "The server has begun anew since, or has other tasks: the answer may never come. Run the task"
    " again to see: once that run is over, this one is too."
)


def add(output: OutputBuffer, at: datetime, text: str) -> None:
    """Add a line in the engine's own name."""
    output.append(line_prefix(int(at.timestamp() * 1_000), OutputKind.NOTE) + text)


def called(url: str, going_on: Sequence[Run]) -> str:
    """What is known of a run that begins while others of its task go on."""
    words = f"Called at {url}. What the task prints is in Nitro's own terminal, not here."
    if not going_on:
        return words
    return (
        f"{words} Run #{going_on[-1].id} of it goes on: Nitro lets this call share it, and makes no"
        " use of this payload."
    )
