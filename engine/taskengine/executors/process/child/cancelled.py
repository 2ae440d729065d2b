"""What a plain function looks at to hear that it shall stop."""

import math
import threading
import time

_LOOK_AGAIN = 0.1  # seconds; an interrupt follows on a request to stop after 0.4


class Cancelled(threading.Event):
    """An event that the handler of a signal sets.

    That runs on the main thread, which a signal does not wake from a lock if another thread gets it
    or it comes a moment before that sleeps. So whoever waits wakes now and again.
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, for so many seconds at the most; gives back whether it is."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        while not super().wait(min(end - time.monotonic(), _LOOK_AGAIN)):
            if not time.monotonic() < end:
                return False
        return True
