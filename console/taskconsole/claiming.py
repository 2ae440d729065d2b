"""How a console comes to hold its project, so that an engine can be started in it."""

import sys
import time
from pathlib import Path

from taskengine.errors import EngineAlreadyRunning
from taskengine.history.sqlite.project_history import ProjectHistory

SOON = 3.0
"""Seconds in which an engine that has begun can be reached, and one that ends has ended, as a rule.
"""
SILENT = 0.3
"""Seconds that one may wait without a word."""
LOOK_EVERY = 0.05
"""Seconds."""


def claim(root: Path) -> ProjectHistory:
    """The project's history, for this console alone, or shared with commands that have no server.
    Raises EngineAlreadyRunning, HistoryTooNew.
    """
    try:
        return _claim(root, exclusive=True)
    except EngineAlreadyRunning as error:
        if error.socket is not None:
            raise
    return _claim(root, exclusive=False)


def claim_at_start(root: Path) -> ProjectHistory:
    """The same, before anything is on the screen. Raises EngineAlreadyRunning, with a socket unless
    the other engine does not come to have one, and HistoryTooNew.
    """
    began, is_told = time.monotonic(), False
    while True:
        try:
            return claim(root)
        except EngineAlreadyRunning as error:
            waited = time.monotonic() - began
            if error.socket is not None or waited > SOON:
                raise
            if waited > SILENT and not is_told:
                is_told = True
                sys.stderr.write(f"{error}; waiting for it to take calls …\n")
        time.sleep(LOOK_EVERY)


def _claim(root: Path, *, exclusive: bool) -> ProjectHistory:
    history = ProjectHistory(root, exclusive=exclusive)
    history.claim()
    return history
