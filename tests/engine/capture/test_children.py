"""Child processes that inherit the standard streams, in `context` mode."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.capture import Writer, captured
from taskengine.output import OutputKind

OUT, ERR = OutputKind.STDOUT, OutputKind.STDERR
BOTH = "echo out; echo err >&2"


@captured
def test_what_a_child_inherits_is_the_runs(writer: Writer) -> None:
    writer.run(lambda: subprocess.run(BOTH, shell=True, check=True))
    assert sorted(writer.kinds) == [(ERR, "err"), (OUT, "out")]


@captured
def test_all_has_arrived_when_the_child_is_waited_for(writer: Writer) -> None:
    def body() -> None:
        for number in range(20):
            with subprocess.Popen(["seq", str(number * 100), str(number * 100 + 99)]):
                pass

    writer.run(body)
    assert writer.texts == [str(number) for number in range(2_000)]


@captured
def test_polling_until_the_end_brings_all_too(writer: Writer) -> None:
    def body() -> None:
        child = subprocess.Popen(["printf", "no line end"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert child.poll() == 0

    writer.run(body)
    assert writer.texts == ["no line end"]


@captured
def test_a_process_left_behind_does_not_hold_up_its_parents_end(
    writer: Writer, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    script = f"(read line < {gate}; echo late) & echo early"
    writer.run(lambda: subprocess.run(script, shell=True, check=True))
    assert writer.texts == ["early"]
    gate.write_text("go on\n")


@captured
def test_what_the_caller_asks_for_itself_is_the_callers(writer: Writer) -> None:
    def body() -> tuple[bytes, str]:
        caught = subprocess.run(BOTH, shell=True, check=True, capture_output=True).stdout
        return caught, subprocess.getoutput("echo shell")

    assert writer.run(body) == (b"out\n", "shell")
    assert writer.texts == []


@captured
def test_a_child_may_be_given_the_runs_own_streams(writer: Writer) -> None:
    def body() -> None:
        subprocess.run(BOTH, shell=True, check=True, stdout=sys.stderr, stderr=subprocess.STDOUT)
        subprocess.run(BOTH, shell=True, check=True, stdout=2, stderr=subprocess.DEVNULL)

    writer.run(body)
    assert writer.kinds == [(ERR, "out"), (ERR, "err"), (ERR, "out")]


@captured
def test_a_child_may_be_given_what_leads_to_the_same_descriptor(writer: Writer) -> None:
    def body() -> None:
        subprocess.run(["echo", "binary"], check=True, stdout=sys.__stdout__)
        with os.fdopen(1, "wb", closefd=False) as own:
            subprocess.run(["echo", "file"], check=True, stdout=own)

    writer.run(body)
    assert writer.texts == ["binary", "file"]


@captured
def test_a_child_that_can_not_be_started_raises_as_ever(writer: Writer) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        writer.run(lambda: subprocess.run(["no-such-program"], check=True))
    with pytest.raises(TypeError, match="nonsense"):
        writer.run(lambda: subprocess.run(["true"], check=True, nonsense=1))  # type: ignore[call-overload]


@captured
def test_os_system_writes_to_the_run_and_keeps_its_status(writer: Writer) -> None:
    failed = writer.run(os.system, "echo from the shell; exit 3")
    killed = writer.run(os.system, "kill -9 $$")
    assert os.waitstatus_to_exitcode(failed) == 3
    assert os.waitstatus_to_exitcode(killed) == -9
    assert writer.texts == ["from the shell"]


@captured
def test_children_of_asyncio_do_the_same(writer: Writer) -> None:
    async def body() -> None:
        child = await asyncio.create_subprocess_exec("seq", "500")
        assert await child.wait() == 0
        assert len(writer.texts) == 500
        child = await asyncio.create_subprocess_shell(BOTH, stdout=asyncio.subprocess.PIPE)
        output, _ = await child.communicate()
        assert output == b"out\n"

    writer.run(asyncio.run, body())
    assert writer.kinds[500:] == [(ERR, "err")]


def test_children_of_no_run_are_the_hosts(
    capfd: pytest.CaptureFixture[str], writer: Writer
) -> None:
    @captured
    def body() -> None:
        subprocess.run(["echo", "of the host"], check=True)
        os.system("echo shell of the host")

    body()
    assert capfd.readouterr().out == "of the host\nshell of the host\n"
