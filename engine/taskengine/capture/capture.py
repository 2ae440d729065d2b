"""Switches the capture of output on and off as one thing."""

import logging
import os
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from types import TracebackType
from typing import Literal, Self
from weakref import WeakSet

from taskengine.capture.assignment import assignments_per_run
from taskengine.capture.children import children
from taskengine.capture.current import current_sink
from taskengine.capture.descriptors import Descriptors
from taskengine.capture.flushing import buffer_c_output_by_line, flush_all
from taskengine.capture.logs import LogCapture, forget_shown_warnings, leave_warning_filters
from taskengine.capture.patches import Patches
from taskengine.capture.pump import Pump
from taskengine.capture.redirection import redirect_per_run
from taskengine.capture.sink import RunOutput, TextSink
from taskengine.capture.standard import StandardStreams
from taskengine.capture.threads import carry_runs_into_threads


class Capture:
    """Leads what is written to the run whose `current_sink` is set where it is written.

    In `context` mode, for an engine inside somebody else's program, all that belongs to no run goes
    where it went before; descriptors, levels and signals are not touched. In `process` mode the
    process is the engine's own: such output goes to `fallback`, the descriptors 1 and 2 too, and
    standard input is empty. Both modes put everything back on `uninstall`.
    """

    def __init__(
        self,
        fallback: RunOutput,
        *,
        mode: Literal["context", "process"] = "context",
        log_level: int | str = "INFO",
    ) -> None:
        self._owns_process = mode == "process"
        self._fallback = fallback
        self._log_level = log_level
        own = fallback if self._owns_process else None
        self._streams = StandardStreams(own)
        self._logs = LogCapture(own, self._streams.is_captured)
        self._undo = ExitStack()
        self._descriptors: Descriptors | None = None
        self._is_installed = False

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.uninstall()

    def install(self) -> None:
        """Begin to capture. Has to come before code is imported whose output shall be caught."""
        with _changing, ExitStack() as undo:
            if self._is_installed:
                return
            if self._owns_process:
                self._take_process(undo)
            self._streams.install()
            undo.callback(self._give_streams_away)
            self._patch(undo)
            self._undo = undo.pop_all()
            self._is_installed = True
            _installed.add(self)

    def _take_process(self, undo: ExitStack) -> None:
        pump = Pump()
        undo.callback(pump.stop)
        descriptors = Descriptors(pump, self._fallback)
        undo.callback(descriptors.give_back)
        undo.callback(flush_all)
        flush_all()
        descriptors.take()
        self._descriptors = descriptors
        undo.callback(setattr, self, "_descriptors", None)
        buffer_c_output_by_line()
        undo.callback(logging.getLogger().setLevel, logging.getLogger().level)
        logging.getLogger().setLevel(self._log_level)
        undo.callback(leave_warning_filters)

    def _patch(self, undo: ExitStack) -> None:
        patches = Patches()
        undo.enter_context(children.in_use())
        undo.enter_context(assignments_per_run())
        undo.callback(patches.undo)
        children.install(patches)
        self._logs.install(patches)
        carry_runs_into_threads(patches)
        redirect_per_run(patches)

    def _give_streams_away(self) -> None:
        """Other captures, if there are any, must not miss a word of their runs."""
        for other in tuple(_installed):
            self._streams.hand_over(other._streams)  # noqa: SLF001 - another of the same class
        self._streams.put_back()
        for other in tuple(_installed):
            other._streams.take_places()  # noqa: SLF001 - as above

    def uninstall(self) -> None:
        """Stop capturing. What was written until now has arrived when this returns."""
        with _changing:
            if self._is_installed:
                self._is_installed = False
                _installed.discard(self)
                self._undo.close()

    @property
    def log_level(self) -> int | str:
        """The level that was last set, whether or not this process has it."""
        return self._log_level

    def set_log_level(self, level: int | str) -> None:
        """Take records from a level on, in `process` mode; in `context` mode the host has its say.

        A level that is set already is not set again: user code may have changed it since.
        """
        if level == self._log_level:
            return
        self._log_level = level
        if self._is_installed and self._owns_process:
            logging.getLogger().setLevel(level)

    def mend(self) -> None:
        """Put right what earlier runs have left behind; cheap, meant to be called before each run.

        The streams take their places in `sys` again. In `process` mode the descriptors are put
        back too, and warnings that were shown once are shown again.
        """
        if self._is_installed:
            self._streams.take_places()
            if self._descriptors:
                self._descriptors.mend()
                forget_shown_warnings()

    def arrived(self, output: TextSink) -> "Future[None] | None":
        """Done when all is in a run's output that its children have written by now; None if it has
        none that could write.
        """
        return children.arrived(output)

    def continue_in_child(self) -> None:
        """After a fork: the outputs are copies that nobody reads, the descriptors lead to us."""
        if not self._is_installed:
            return
        self._is_installed = False
        if self._owns_process or current_sink.get() is not None:
            self._streams.continue_in_child()
            self._logs.continue_in_child()


_changing = threading.Lock()
_installed: WeakSet[Capture] = WeakSet()


def _continue_in_child() -> None:
    global _changing  # noqa: PLW0603 - another thread of the parent may have held it
    _changing = threading.Lock()
    children.continue_in_child()
    for capture in tuple(_installed):
        capture.continue_in_child()
    _installed.clear()
    current_sink.set(None)


# Such a hook can't be taken back, so there is one for every capture that will ever be.
os.register_at_fork(after_in_child=_continue_in_child)
