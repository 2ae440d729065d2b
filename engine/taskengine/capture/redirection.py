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


def redirect_per_run(patches: Patches) -> None:
    """Make `redirect_stdout` and `redirect_stderr` work on the current run, if there is one."""
    for kind, manager in (
        (OutputKind.STDOUT, contextlib.redirect_stdout),
        (OutputKind.STDERR, contextlib.redirect_stderr),
    ):
        tokens: WeakKeyDictionary[object, list[Token[_Targets]]] = WeakKeyDictionary()
        patches.replace(manager, "__enter__", _entering(kind, manager.__enter__, tokens))
        patches.replace(manager, "__exit__", _leaving(manager.__exit__, tokens))


def _entering(
    kind: OutputKind,
    enter: Callable[[Any], TextIO],
    tokens: WeakKeyDictionary[object, list[Token[_Targets]]],
) -> Callable[[Any], TextIO]:
    def enter_in_run(manager: Any) -> TextIO:
        output = current_sink.get()
        if output is None:
            return enter(manager)
        target: TextIO = vars(manager)["_new_target"]
        token = redirected.set({**redirected.get(), (output, kind): target})
        tokens.setdefault(manager, []).append(token)
        return target

    return enter_in_run


def _leaving(
    leave: Callable[..., None], tokens: WeakKeyDictionary[object, list[Token[_Targets]]]
) -> Callable[..., None]:
    def leave_in_run(manager: Any, *exception: Any) -> None:
        if not tokens.get(manager):
            leave(manager, *exception)
            return
        token = tokens[manager].pop()
        before = token.old_value
        redirected.set({} if before is Token.MISSING else before)

    return leave_in_run
