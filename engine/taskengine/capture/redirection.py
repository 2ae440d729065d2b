"""`contextlib.redirect_stdout` in a run catches the output of that run and of no other, and so does
`sys.stdout = ...`.

Python's own replaces `sys.stdout` for all threads, so it would take the lines of every run that
goes on at the same time.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any, TextIO
from weakref import WeakKeyDictionary

from taskengine.capture.current import current_sink
from taskengine.capture.patches import Patches
from taskengine.capture.sink import TextSink
from taskengine.output import OutputKind


@dataclass(frozen=True, slots=True)
class Redirection:
    """Where a stream of a run leads to, nowhere if that is None; `outer` is what held before."""

    target: Any
    outer: "_Targets"

    @contextmanager
    def lifted(self) -> Iterator[Any]:
        """Let the target write to the stream that it stands in for, as one that copies does."""
        token = redirected.set(self.outer)
        try:
            yield self.target
        finally:
            redirected.reset(token)


_Targets = Mapping[tuple[TextSink, OutputKind], Redirection]
redirected: ContextVar[_Targets] = ContextVar("redirected", default={})  # noqa: B039 - read only
_tokens: WeakKeyDictionary[object, list[Token[_Targets]]] = WeakKeyDictionary()


def redirect(output: TextSink, kind: OutputKind, target: object) -> Token[_Targets]:
    """Lead one of a run's streams elsewhere, or nowhere, in the present context."""
    outer = redirected.get()
    return redirected.set({**outer, (output, kind): Redirection(target, outer)})


def lead_back(output: TextSink, kind: OutputKind) -> None:
    """Let one of a run's streams go to its output again, in the present context."""
    others = {key: value for key, value in redirected.get().items() if key != (output, kind)}
    redirected.set(others)


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
        _tokens.setdefault(manager, []).append(redirect(output, kind, target))
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
