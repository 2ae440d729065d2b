"""What a run needs of the engine around it."""

from collections.abc import Callable
from dataclasses import dataclass

from taskengine.capture.capture import Capture
from taskengine.clock import Clock
from taskengine.events import Event
from taskengine.executors.executor import Executor
from taskengine.history.history import History
from taskengine.threads.pool import DaemonPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`emit` is told all that happens, in its order.

    `pool` is where sync tasks run, so that one that waits for another can lend its place.
    """

    clock: Clock
    history: History
    executor: Executor
    pool: DaemonPool
    emit: Callable[[Event], None]
    capture: Capture
