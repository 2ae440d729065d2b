"""What a run needs of the engine around it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from taskengine.capture.capture import Capture
from taskengine.clock import Clock
from taskengine.events import Event
from taskengine.executors.executor import Executor
from taskengine.history.history import History
from taskengine.threads.mailbox import Mailbox
from taskengine.threads.pool import DaemonPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`emit` is told all that happens, in its order. `mailbox` is the engine's: what other
    threads say comes by it alone, and so stays in its order, too.

    `pool` is where sync tasks run, so that one that waits for another can lend its place. `checks`
    is where users' code says whether a payload is valid. `chance` gives a number from 0 to 1, for
    what is left to chance in the wait between attempts.
    """

    clock: Clock
    history: History
    executor: Executor
    pool: DaemonPool
    checks: DaemonPool
    emit: Callable[[Event], None]
    mailbox: Mailbox
    capture: Capture
    chance: Callable[[], float] = random.random
