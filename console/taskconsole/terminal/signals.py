"""Signals that end the console, cleanly and with the exit code that a shell expects."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, runtime_checkable

from textual.app import App

_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@runtime_checkable
class EndsInOrder(Protocol):
    """An app that has something to bring to its end before it leaves."""

    def end_in_order(self, name: str, return_code: int) -> None:
        """Leave when that is done, or at once if asked again; `name` is the signal's."""


def exit_on_signals(app: App[Any]) -> None:
    """Let SIGTERM, SIGINT and SIGHUP end the app with 128 plus the signal's number.

    SIGHUP ends it at once, for there is no terminal any more; the others leave it the time to end
    in order, if it knows how.
    Call it on the app's loop once that runs, in the main thread; it holds until the loop is closed.
    """
    for number in _ENDING:
        _exit_on(app, number)


def _exit_on(app: App[Any], number: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, _end, app, number)


def _end(app: App[Any], number: signal.Signals) -> None:
    is_leaving = app.return_code is not None
    if isinstance(app, EndsInOrder) and number is not signal.SIGHUP and not is_leaving:
        # Later, for a signal comes outside of the app's own context.
        app.call_later(app.end_in_order, number.name, 128 + number)
    else:
        app.exit(return_code=128 + number)


@contextmanager
def interrupts_for_others(app: App[Any]) -> Iterator[None]:
    """While another program has the terminal, ^C is meant for it, though we get the signal too.

    A handler, unlike SIG_IGN, is not inherited by the program.
    """
    loop = asyncio.get_running_loop()
    was_handled = loop.remove_signal_handler(signal.SIGINT)
    before = signal.signal(signal.SIGINT, _do_nothing)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if was_handled:
            signal.signal(signal.SIGINT, _do_nothing)
            # The loop finds out in its next turn which signals came, so listen in the one after.
            loop.call_soon(loop.call_soon, _exit_on, app, signal.SIGINT)


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Receive a signal and let it pass."""
