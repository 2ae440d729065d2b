"""Sees a run to its end: what it writes is passed on, and how it ended becomes an exit code."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NoReturn

import click

from taskconsole.cli.exits import DONE, FAILED, REFUSED
from taskconsole.cli.printing import count, narrate, print_json
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import Refusal, refusals
from taskconsole.cli.running.choosing import run_host
from taskconsole.cli.running.host import Piece, RunHost
from taskconsole.cli.running.interrupts import Interrupts
from taskconsole.cli.running.progress_line import ProgressLine
from taskconsole.cli.task_output import TaskOutput
from taskconsole.formatting import format_duration
from taskengine.errors import EngineUnreachable
from taskengine.run import Run, RunState

_SOON = 0.5  # seconds until it is told that a run has to wait
_PATIENCE = 30.0
_LOOK_AGAIN = 0.5  # seconds, for how far a run is
_NOBODY_GOES_ON = (
    "No engine is at work on this project that could go on with the run: start one with"
    " `taskconsole serve`, or leave out --detach"
)

_CALLED_OFF = frozenset({RunState.CANCELLED, RunState.INTERRUPTED, RunState.SKIPPED})


class Follower:
    """Follows one run. Its output and what is to be said of it go to the standard error, so that
    nothing but its result is on the standard output; with `shows_progress`, a terminal's last line
    is how far the run is. An interrupt cancels the run, unless others share it.
    """

    def __init__(self, host: RunHost, interrupts: Interrupts, *, shows_progress: bool) -> None:
        self._host = host
        self._output = TaskOutput(host.stderr)
        self._progress = ProgressLine(host.stderr, is_wanted=shows_progress)
        self._patience = _LOOK_AGAIN if self._progress.is_on else _PATIENCE
        self._run: Run | None = None
        self._is_over = False
        self._interrupts = interrupts
        interrupts.ask, interrupts.leave = self._ask, self._leave
        interrupts.give_up, interrupts.patience = self._give_up, host.grace

    def say(self, text: str) -> None:
        """Tell something on the standard error."""
        self._progress.clear()
        self._output.say(text)

    def follow(self, run: Run) -> Run:
        """Pass on what the run writes until it is over, and give back how it ended.

        Raises EngineUnreachable if the engine is gone before.
        """
        self._run = run
        self._tell_beginning(run)
        if self._interrupts.code is not None:
            self._ask()
        piece = self._passed_on(run, 0, _SOON)
        if not piece.lines and self._host.run(run.id).state is RunState.QUEUED:
            self.say(f"Run #{run.id} waits for its turn.")
        try:
            while not piece.is_last:
                self._progress.show(lambda: self._host.run(run.id))
                piece = self._passed_on(run, piece.following, self._patience)
        finally:
            self._progress.clear()
        self._is_over = True
        return self._host.run(run.id)

    def _passed_on(self, run: Run, start: int, patience: float) -> Piece:
        """The next piece of the output, written to where it is heard."""
        try:
            piece = self._host.piece(run.id, start, patience)
        except EngineUnreachable as error:
            told = f"`taskconsole runs show {run.id}` tells later how it ended"
            raise EngineUnreachable(f"{error}; {told}") from error
        if piece.dropped:
            self.say(f"* {count(piece.dropped, 'line')} left out")
        if lines := [*self._host.aside(), *piece.lines]:
            self._progress.clear()
            self._output.write(lines)
        return piece

    def _tell_beginning(self, run: Run) -> None:
        if run.joined:
            used = (
                "with the same payload"
                if run.joined[-1].payload_used
                else ("whose payload counts: this call's is not used")
            )
            self.say(f"Joined run #{run.id}, which is going on already, {used}.")

    def _ask(self) -> None:
        if self._run is None or self._is_over:
            return
        if self._run.joined:
            self._shout(f"Run #{self._run.id} goes on: it is not this call's alone.")
            self._leave(self._interrupts.code or FAILED)
        self._shout(f"Cancelling run #{self._run.id}; once more leaves at once.")
        self._host.cancel(self._run.id)

    def _shout(self, text: str) -> None:
        """Tell something in the middle of anything, even of a write to the same stream."""
        with suppress(OSError, ValueError):
            words = f"{self._progress.erasure}{text}\n"
            os.write(self._host.stderr.fileno(), words.encode())

    def _give_up(self) -> None:
        """A body that looks for no cancellation may never return, and nobody may be there to press
        Ctrl-C again.
        """
        if self._run is not None and not self._is_over:
            rest = "the engine waits for it" if self._host.outlives else "it ends with this process"
            self._shout(f"Run #{self._run.id} has not stopped in {self._host.grace:g} s: {rest}.")
        self._leave(self._interrupts.code or FAILED)

    def _leave(self, code: int) -> None:
        with suppress(OSError, ValueError):
            os.write(self._host.stderr.fileno(), self._progress.erasure.encode())
        self._host.abandon()
        os._exit(code)


def see_through(
    ctx: click.Context,
    start: Callable[[RunHost], Run],
    *,
    patience: float,
    detach: bool,
    as_json: bool,
) -> NoReturn:
    """Start a run in the project's engine or one of our own, see it to its end, print its result as
    JSON, or with `as_json` the whole run, and end the command. With `detach`, only start it. An
    engine of our own gives each import `patience` seconds.
    """
    with refusals(ctx), Interrupts() as interrupts:
        with run_host(root_of(ctx), patience) as host:
            if detach and not host.outlives:
                raise Refusal(_NOBODY_GOES_ON, REFUSED)
            run = start(host)
            if not detach:
                run = Follower(host, interrupts, shows_progress=not as_json).follow(run)
        if detach:
            print_json(run if as_json else run.id)
            ctx.exit(DONE)
        _tell_end(run, as_json=as_json)
        ctx.exit(interrupts.code or code_of(run.state))


def _tell_end(run: Run, *, as_json: bool) -> None:
    if as_json:
        print_json(run)
    elif run.state is RunState.DONE:
        print_json(run.result)
    narrate(_end_in_words(run))
    if run.error and run.error.traceback and run.state not in _CALLED_OFF:
        narrate(run.error.traceback.rstrip())


def code_of(state: RunState) -> int:
    """The exit code for how a run ended."""
    if state is RunState.DONE:
        return DONE
    return REFUSED if state is RunState.SKIPPED else FAILED


def _end_in_words(run: Run) -> str:
    took = format_duration(run.duration(datetime.now(UTC)))
    attempt = f", attempt {run.attempt} of {run.max_attempts}" if run.attempt > 1 else ""
    words = f"Run #{run.id} of {run.task}: {run.state.value} after {took}{attempt}"
    if run.error is None or run.state in _CALLED_OFF:
        return f"{words}."
    return f"{words}. {run.error.type}: {run.error.message}"
