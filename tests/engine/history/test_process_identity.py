"""Which process it was, and whether it lives."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from taskengine.history.process_identity import ProcessIdentity, start_by_ps, start_of

WAITING = [sys.executable, "-c", "print(flush=True); input()"]


def waiting_process() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(WAITING, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_process_knows_itself_to_be_alive() -> None:
    own = ProcessIdentity.own()

    assert own == ProcessIdentity.own()
    assert own.pid == os.getpid()
    assert own.is_alive()


def test_another_process_of_the_same_number_is_not_the_same() -> None:
    own = ProcessIdentity.own()

    assert not replace(own, start="another").is_alive()
    assert not replace(own, boot="another").is_alive()
    assert not replace(own, host="another").is_alive()


def test_a_process_is_alive_until_it_is_killed_even_before_its_parent_asks() -> None:
    with waiting_process() as process:
        start = start_of(process.pid)
        assert start is not None
        assert start == start_of(process.pid)
        identity = replace(ProcessIdentity.own(), pid=process.pid, start=start)
        assert identity.is_alive()

        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not identity.is_alive()

    assert start_of(process.pid) is None


def test_a_name_with_parentheses_misleads_nobody() -> None:
    code = (
        "import pathlib; pathlib.Path('/proc/self/comm').write_text(') R 1 (x');"
        "print(flush=True); input()"
    )
    if sys.platform != "linux":
        pytest.skip("processes are renamed like that on Linux")
    plain = start_of(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        start = start_of(process.pid)
        process.kill()

    assert start is not None
    assert plain is not None
    assert int(start) >= int(plain)


def test_ps_tells_of_the_living_only() -> None:
    with waiting_process() as process:
        start = start_by_ps(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        killed = start_by_ps(process.pid)

    assert start is not None
    assert start.split()[-1].isdigit()
    assert killed is None
    assert start_by_ps(process.pid) is None
