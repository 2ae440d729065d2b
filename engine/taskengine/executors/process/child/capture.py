"""Leads what Python code writes, logs and warns of in this process to one output, for good."""

import faulthandler
import logging

from taskengine.capture.current import current_sink
from taskengine.capture.flushing import buffer_c_output_by_line
from taskengine.capture.logs import LogCapture
from taskengine.capture.patches import Patches
from taskengine.capture.sink import TextSink
from taskengine.capture.standard import StandardStreams
from taskengine.capture.threads import carry_runs_into_threads


def capture_everything(output: TextSink, log_level: int | str) -> None:
    """Take streams, log records from a level on, and warnings; threads go on in their context."""
    streams = StandardStreams(output)
    streams.install()
    current_sink.set(output)
    patches = Patches()
    LogCapture(output, streams.is_captured).install(patches)
    carry_runs_into_threads(patches)
    buffer_c_output_by_line()
    faulthandler.enable(file=2)  # where a segfault was is the last thing that is heard of it
    logging.getLogger().setLevel(log_level)
