"""A folder that several processes change, one at a time."""

import os
import signal
from pathlib import Path

import pytest

from support.programs import running
from taskengine.folder_lock import one_at_a_time

HOLDS = """
import sys
from pathlib import Path
from taskengine.folder_lock import one_at_a_time

with one_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("free", flush=True)
sys.stdin.readline()
"""
FORKS = """
import os, signal, sys
from pathlib import Path
from taskengine.folder_lock import one_at_a_time

with one_at_a_time(Path(sys.argv[1])):
    child = os.fork()
    if not child:
        signal.pause()
print(child, flush=True)
sys.stdin.readline()
"""


def test_somebody_who_keeps_it_is_told_of_and_not_waited_for_without_end(tmp_path: Path) -> None:
    with running(HOLDS, tmp_path) as other:
        assert other.hear() == "held"
        other.process.send_signal(signal.SIGSTOP)

        with (
            pytest.raises(OSError, match=f"holds this folder: '{tmp_path}'"),
            one_at_a_time(tmp_path, patience=0),
        ):
            pass

        other.process.send_signal(signal.SIGCONT)
        other.tell()
        assert other.hear() == "free"
        with one_at_a_time(tmp_path, patience=0):
            pass


def test_who_comes_while_it_is_kept_waits(tmp_path: Path) -> None:
    with running(HOLDS, tmp_path) as other:
        assert other.hear() == "held"
        other.tell()

        with one_at_a_time(tmp_path, patience=60):
            assert other.hear() == "free"


def test_a_child_that_was_forked_meanwhile_does_not_keep_it(tmp_path: Path) -> None:
    with running(FORKS, tmp_path) as other:
        child = int(other.hear())
        try:
            with one_at_a_time(tmp_path, patience=0):
                pass
        finally:
            os.kill(child, signal.SIGKILL)
