"""The last step of the process."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once, after what was printed is out.

    A sync task that never returns can't be stopped, and Python would wait for its threads. So
    everything that needs an orderly end has to have had it.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):  # what nobody takes is lost; the exit code is not
                stream.flush()
    os._exit(code)
