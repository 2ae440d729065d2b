"""Log records and warnings go to the run that they come from.

No handler is put on the root logger: one there would turn a user's `basicConfig` into nothing, be
removed by a `dictConfig`, and keep the host's own records from the handler of last resort.
"""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TextIO, cast

from taskengine.capture.current import current_sink
from taskengine.capture.descriptor_sink import DescriptorSink
from taskengine.capture.patches import Patches
from taskengine.capture.sink import TextSink
from taskengine.output import OutputKind

_KINDS = (
    (logging.CRITICAL, OutputKind.CRITICAL),
    (logging.ERROR, OutputKind.ERROR),
    (logging.WARNING, OutputKind.WARNING),
    (logging.INFO, OutputKind.INFO),
)
_FORMATTER = logging.Formatter()
_taken: ContextVar[logging.LogRecord | None] = ContextVar("taken", default=None)


def kind_of(level: int) -> OutputKind:
    """The kind of line that a record of this level becomes."""
    return next((kind for least, kind in _KINDS if level >= least), OutputKind.DEBUG)


def _write(output: TextSink, record: logging.LogRecord) -> None:
    """Message and traceback; time, level and logger are the line's own."""
    try:
        text = _FORMATTER.format(record)
    except Exception:  # noqa: BLE001 - wrong arguments are shown as logging always shows them
        logging.Handler().handleError(record)
    else:
        output.log(kind_of(record.levelno), record.name, text)


def task_logger(task: str) -> logging.Logger:
    """The logger of a task's runs; it speaks even where `dictConfig` has silenced all others."""
    logger = logging.getLogger(f"task.{task}")
    logger.disabled = False
    return logger


class _NoWarning(Warning):
    """Is never raised: a filter for it changes nothing but the filters' version."""


def forget_shown_warnings() -> None:
    """Let what Python warns of once per place be shown once more, as in a fresh process."""
    warnings.simplefilter("ignore", _NoWarning)


def leave_warning_filters() -> None:
    """Take the filter away again that `forget_shown_warnings` has left."""
    filters = cast("list[Any]", warnings.filters)
    filters[:] = [one for one in filters if one[2] is not _NoWarning]


class LogCapture:
    """Takes records and warnings for the current run, or for `fallback` where none is current.

    A record that was taken is not taken again as text from a handler that draws on a stream for
    which `is_captured` holds. A logger that neither reaches the root nor such a handler was told
    to be silent, and is.
    """

    def __init__(self, fallback: TextSink | None, is_captured: Callable[[object], bool]) -> None:
        self.fallback = fallback
        self._is_captured = is_captured

    def install(self, patches: Patches) -> None:
        """Listen from now on, until the patches are undone."""
        logger, handler = logging.Logger, logging.Handler
        patches.wrap(logger, "callHandlers", self._taking)
        patches.wrap(handler, "handle", self._skipping_taken)
        patches.wrap(warnings, "showwarning", self._taking_warnings)

    def _taking(
        self, call_handlers: Callable[[logging.Logger, logging.LogRecord], None]
    ) -> Callable[[logging.Logger, logging.LogRecord], None]:
        def take_and_call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            output = current_sink.get() or self.fallback
            if output is None or _taken.get() is record or not self._is_heard(logger):
                call_handlers(logger, record)
                return
            _write(output, record)
            token = _taken.set(record)
            try:
                call_handlers(logger, record)
            finally:
                _taken.reset(token)

        return take_and_call_handlers

    def _skipping_taken(
        self, handle: Callable[[logging.Handler, logging.LogRecord], bool]
    ) -> Callable[[logging.Handler, logging.LogRecord], bool]:
        def handle_unless_taken(handler: logging.Handler, record: logging.LogRecord) -> bool:
            if _taken.get() is record and self._is_captured(_stream_of(handler)):
                return False
            return handle(handler, record)

        return handle_unless_taken

    def _taking_warnings(self, show: Callable[..., None]) -> Callable[..., None]:
        def take_warning(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            output = current_sink.get() or self.fallback
            if output is None or file is not None:
                show(message, category, filename, lineno, file, line)
                return
            text = warnings.formatwarning(message, category, filename, lineno, line)
            output.log(OutputKind.WARNING, "py.warnings", text.rstrip("\n"))

        return take_warning

    def continue_in_child(self) -> None:
        """After a fork: what a run or `fallback` would have got goes to standard error."""
        self.fallback = DescriptorSink()

    def _is_heard(self, logger: logging.Logger) -> bool:
        *_, last = _chain(logger)
        return last.parent is None or any(
            self._is_captured(_stream_of(handler))
            for one in _chain(logger)
            for handler in one.handlers
        )


def _chain(logger: logging.Logger) -> Iterator[logging.Logger]:
    """The loggers whose handlers see a record of this one."""
    one: logging.Logger | None = logger
    while one is not None:
        yield one
        one = one.parent if one.propagate else None


def _stream_of(handler: logging.Handler) -> object:
    """Where a handler draws: a StreamHandler's stream, or the file of Rich's console."""
    console = getattr(handler, "console", None)
    return getattr(handler, "stream", None) or getattr(console, "file", None)
