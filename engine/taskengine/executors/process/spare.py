"""A process that is started before it is needed, so that no run has to wait for its start."""

import asyncio
import contextlib
import select
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from taskengine.executors.process.channels import Channels, open_channels
from taskengine.executors.process.launch import Launcher

_CALM_SECONDS = 0.02  # a start has work for all processors: not while a short run is at work


class SpareProcess:
    """Has one more process started soon after one is taken. It knows nothing of tasks yet: what it
    has to do, and where, it is told by the run that takes it.

    Belongs to one event loop; `close` may be called when that has ended.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._spare = ExitStack()
        self._channels: Channels | None = None
        self._is_closed = False

    @contextmanager
    def take(self) -> Iterator[Channels]:
        """Channels to a process that waits, or to one that is only starting; they are closed at the
        end. Raises OSError if there can be none.
        """
        with self._spare.pop_all() as stack:
            channels, self._channels = self._channels, None
            if channels is None or not _is_alive(channels):
                channels = self._start(stack)
            asyncio.get_running_loop().call_later(_CALM_SECONDS, self._prepare)
            yield channels

    def close(self) -> None:
        """End the process that waits, if there is one, and start no more."""
        self._is_closed = True
        self._channels = None
        self._spare.close()

    def _prepare(self) -> None:
        if self._channels is None and not self._is_closed:
            with contextlib.suppress(OSError), ExitStack() as stack:
                self._channels = self._start(stack)
                self._spare = stack.pop_all()

    def _start(self, stack: ExitStack) -> Channels:
        channels = stack.enter_context(open_channels())
        self._launcher.launch(channels)
        channels.let_go()
        return channels


def _is_alive(channels: Channels) -> bool:
    """Whether the keeper still holds its end."""
    poll = select.poll()
    poll.register(channels.keeper, 0)
    return not poll.poll(0)
