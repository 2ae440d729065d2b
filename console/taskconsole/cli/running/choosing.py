"""Which engine runs a command's tasks: the one at work on the project, or else one of our own."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from taskconsole.cli.project import engine_of
from taskconsole.cli.running.host import RunHost
from taskengine.errors import EngineAlreadyRunning

if TYPE_CHECKING:
    from taskengine.client.calls import Calls

_ANNOUNCED_WITHIN = 10.0
_LOOK_AGAIN = 0.05


@contextmanager
def run_host(root: Path, patience: float) -> Iterator[RunHost]:
    """What runs the project's tasks at present; an engine of our own gives each import `patience`
    seconds.

    Raises EngineAlreadyRunning if the project belongs to an engine that can't be reached, and
    HistoryTooNew.
    """
    with ExitStack() as stack:
        yield _distant(engine_of(root), root, stack) or _own(root, patience, stack)


def _distant(calls: "Calls | None", root: Path, stack: ExitStack) -> RunHost | None:
    if calls is None:
        return None
    from taskconsole.cli.running.distant import DistantRuns

    return DistantRuns(calls, root, stack)


def _own(root: Path, patience: float, stack: ExitStack) -> RunHost:
    from taskconsole.cli.running.own import OwnRuns

    try:
        return stack.enter_context(OwnRuns(root, patience))
    except EngineAlreadyRunning as error:
        host = _distant(_announced(root), root, stack)
        if host is None:
            raise error from None
        return host


def _announced(root: Path) -> "Calls | None":
    """Calls to an engine that has just begun, and says in a moment where it can be reached."""
    deadline = time.monotonic() + _ANNOUNCED_WITHIN
    while time.monotonic() < deadline:
        if calls := engine_of(root):
            return calls
        time.sleep(_LOOK_AGAIN)
    return None
