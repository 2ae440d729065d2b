"""Runs that write, and what has arrived at them."""

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from taskengine.capture import Capture, RunOutput, current_sink
from taskengine.output import OutputBuffer, OutputKind, OutputLine

P = ParamSpec("P")
T = TypeVar("T")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def new_output() -> RunOutput:
    return RunOutput(OutputBuffer(), lambda: NOON)


@dataclass(frozen=True)
class Writer:
    """Code that runs in here belongs to one run."""

    output: RunOutput = field(default_factory=new_output)

    def run(self, function: Callable[..., T], *args: object) -> T:
        context = contextvars.copy_context()
        context.run(current_sink.set, self.output)
        return context.run(function, *args)

    @property
    def lines(self) -> list[OutputLine]:
        return [OutputLine.decode(line) for line in self.output.buffer.read(0, 1_000_000)]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def kinds(self) -> list[tuple[OutputKind, str]]:
        return [(line.kind, line.text) for line in self.lines]


def captured(test: Callable[P, None]) -> Callable[P, None]:
    """Run a test while a capture in `context` mode is on.

    A fixture would not do: pytest exchanges `sys.stdout` between a test's setup and the test.
    """

    @wraps(test)
    def test_while_captured(*args: P.args, **kwargs: P.kwargs) -> None:
        with Capture(new_output()):
            test(*args, **kwargs)

    return test_while_captured


@dataclass(frozen=True)
class Outcome:
    """What a script in `process` mode has left behind, in its outputs and outside of them."""

    run: list[str]
    engine: list[str]
    terminal: str
