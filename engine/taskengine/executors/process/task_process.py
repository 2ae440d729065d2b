"""One run's process as the engine sees it: what comes from it, and the signals it is sent."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from taskengine.executors.executor import Job
from taskengine.executors.process.byte_reader import ByteReader
from taskengine.executors.process.channels import Channels
from taskengine.executors.process.conversation import Conversation
from taskengine.executors.process.frames import PLAIN, FrameParser, new_marker
from taskengine.executors.process.keeper import KeeperRecord, KeeperWord
from taskengine.executors.process.messages import End
from taskengine.executors.process.slots import Slots
from taskengine.output import OutputKind

EXIT_SECONDS = 2.0
KEEPER_SECONDS = 0.15


class TaskProcess:
    """Belongs to one event loop, from before the process starts until `close`.

    `over` is set when nothing is left of the process: to its keeper's record of its death, or to
    None if the keeper itself has died. `end` is what the process said before.
    """

    def __init__(self, channels: Channels, job: Job, token: str, slots: Slots) -> None:
        self._loop = asyncio.get_running_loop()
        self._job = job
        self._signals = channels.keeper
        self._parser = FrameParser(new_marker(token), job.output)
        self._conversation = Conversation(channels.messages, job.control, slots, self._take_end)
        self._records = bytearray()
        self._keeper = 0
        self._timers: list[asyncio.TimerHandle] = []
        self.over: asyncio.Future[KeeperRecord | None] = self._loop.create_future()
        self.end: End | None = None
        self._readers = (
            ByteReader(self._loop, channels.output.fileno(), self._parser.feed),
            ByteReader(self._loop, channels.errors.fileno(), self._take_errors),
            ByteReader(self._loop, channels.messages.fileno(), self._conversation.take),
            ByteReader(self._loop, channels.keeper.fileno(), self._take_records, self._lose_keeper),
        )

    def assign(self, assignment: bytes) -> None:
        """Tell the process what to do, by an encoded message that it reads when it has begun."""
        self._conversation.send(assignment)

    @property
    def has_started(self) -> bool:
        """Whether there was a process at all."""
        return self._keeper != 0

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process; SIGKILL goes to all that it has started, too."""
        with contextlib.suppress(OSError):  # the keeper may be gone
            self._signals.send(bytes([number]))

    def kill(self) -> None:
        """Have everything killed, also if the task has stopped the keeper."""
        self.signal(signal.SIGKILL)
        self.later(KEEPER_SECONDS, self._kill_keeper)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something in a while, unless the process is over by then."""
        self._timers.append(self._loop.call_later(seconds, action))

    def close(self) -> None:
        """Take what was written until the end, and let go of everything."""
        for timer in self._timers:
            timer.cancel()
        self._conversation.close()
        for reader in self._readers:
            reader.drain()
            reader.close()
        self._parser.close()
        self._job.output.finish_line(OutputKind.STDERR, PLAIN)

    def _take_errors(self, data: bytes) -> None:
        self._job.output.write_bytes(OutputKind.STDERR, data, PLAIN)

    def _take_records(self, data: bytes) -> None:
        self._records += data
        while len(self._records) >= KeeperRecord.SIZE:
            record = KeeperRecord.unpack(bytes(self._records[: KeeperRecord.SIZE]))
            del self._records[: KeeperRecord.SIZE]
            self._take_record(record)

    def _take_record(self, record: KeeperRecord) -> None:
        if record.word is KeeperWord.STARTED:
            self._keeper = record.pid
            self._job.on_started()
        elif not self.over.done():
            self.over.set_result(record)

    def _take_end(self, end: End) -> None:
        """The process has some time to leave by itself: its exit handlers are still to run."""
        self.end = end
        self.later(EXIT_SECONDS, self.kill)

    def _kill_keeper(self) -> None:
        """The task's process dies with it, and the server sees to what else there is."""
        if self.has_started:
            with contextlib.suppress(OSError):
                os.kill(self._keeper, signal.SIGKILL)
        else:
            self._lose_keeper()  # who should start it does not answer

    def _lose_keeper(self) -> None:
        if not self.over.done():
            self.over.set_result(None)
