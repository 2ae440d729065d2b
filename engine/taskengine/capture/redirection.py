"""`contextlib.redirect_stdout` in a run catches the output of that run and of no other.

Python's own replaces `sys.stdout` for all threads, so it would take the lines of every run that
goes on at the same time.
"""

import contextlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, TextIO
from weakref import WeakKeyDictionary

from taskengine.capture.current import current_sink
from taskengine.capture.patches import Patches
from taskengine.capture.sink import RunOutput
from taskengine.output import OutputKind

_Targets = Mapping[tuple[RunOutput, OutputKind], TextIO]
redirected: ContextVar[_Targets] = ContextVar("redirected", default={})  # noqa: B039 - read only
_tokens: WeakKeyDictionary[object, list[Token[_Targets]]] = WeakKeyDictionary()


def redirect_per_run(patches: Patches) -> None:
    """Make `redirect_stdout` and `redirect_stderr` work on the current run, if there is one."""
    for manager in (contextlib.redirect_stdout, contextlib.redirect_stderr):
        patches.wrap(manager, "__enter__", _entering)
        patches.wrap(manager, "__exit__", _leaving)


def _entering(enter: Callable[[Any], TextIO]) -> Callable[[Any], TextIO]:
    def enter_in_run(manager: Any) -> TextIO:
        output = current_sink.get()
        if output is None:
            return enter(manager)
        target: TextIO = vars(manager)["_new_target"]
        is_stdout = isinstance(manager, contextlib.redirect_stdout)
        kind = OutputKind.STDOUT if is_stdout else OutputKind.STDERR
        token = redirected.set({**redirected.get(), (output, kind): target})
        _tokens.setdefault(manager, []).append(token)
        return target

    return enter_in_run


def _leaving(leave: Callable[..., None]) -> Callable[..., None]:
    def leave_in_run(manager: Any, *exception: Any) -> None:
        if not _tokens.get(manager):
            leave(manager, *exception)
            return
        token = _tokens[manager].pop()
        before = token.old_value
        redirected.set({} if before is Token.MISSING else before)

    return leave_in_run
