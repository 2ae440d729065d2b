"""Tells what is only about a part of the screen that has left: errors of who asked for it, and
presses on its place.
"""

from textual._context import active_message_pump
from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.errors import NoWidget
from textual.events import MouseDown
from textual.message_pump import MessagePump
from textual.widget import MountError
from textual.worker import WorkerFailed, get_current_worker

_MISSING = (NoMatches, NoScreen, ScreenStackError, MountError)


def is_of_what_left(error: Exception, app: App[None]) -> bool:
    """Whether nothing is wrong but that the user has left, the app or the screen that asked.

    A screen is taken apart from its leaves up: work for it that is under way, such as an answer of
    the engine that arrives, may find parts missing before it is called off itself. To be asked
    where the error is handled.
    """
    cause = error.error if isinstance(error, WorkerFailed) else error
    if not isinstance(cause, _MISSING):
        return False
    return app.return_code is not None or not app.is_running or _has_left(_asker(error), app)


def is_on_what_left(press: MouseDown, app: App[None]) -> bool:
    """Whether a press of the mouse is on a part that is gone, though it is still seen until the
    screen is laid out again. Textual would look for the part that it was in.
    """
    try:
        widget, _ = app.get_widget_at(*press.screen_offset)
    except (NoWidget, ScreenStackError):
        return False
    return not widget.is_attached


def _asker(error: Exception) -> MessagePump:
    if isinstance(error, WorkerFailed):
        return get_current_worker().node
    return active_message_pump.get()


def _has_left(asker: MessagePump, app: App[None]) -> bool:
    try:
        return isinstance(asker, DOMNode) and asker.screen not in app.screen_stack
    except (NoScreen, ScreenStackError):
        return True
