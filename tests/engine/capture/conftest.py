"""A capture in this process, and one in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest

from support.capture import Outcome, Writer


@pytest.fixture
def writer() -> Writer:
    return Writer()


_SCRIPT = """\
import contextvars, json, logging, os, subprocess, sys, threading
from datetime import UTC, datetime
from pathlib import Path
from taskengine.capture import Capture, RunOutput, current_sink
from taskengine.output import OutputBuffer, OutputLine

def output():
    return RunOutput(OutputBuffer(), lambda: datetime.now(UTC))

def texts(output):
    output.close()
    return [OutputLine.decode(line).text for line in output.buffer.read(0, 1_000_000)]

def in_run(function):
    context = contextvars.copy_context()
    context.run(current_sink.set, run)
    return context.run(function)

engine, run = output(), output()
capture = Capture(engine, mode="process")
with capture:
{body}
Path(sys.argv[1]).write_text(json.dumps({{"run": texts(run), "engine": texts(engine)}}))
"""


@pytest.fixture
def process_mode(tmp_path: Path) -> Callable[[str], Outcome]:
    """Runs code in a process of its own while a capture in `process` mode is on there."""

    def execute(body: str) -> Outcome:
        script, result = tmp_path / "script.py", tmp_path / "result.json"
        script.write_text(_SCRIPT.format(body=indent(dedent(body), "    ")))
        done = subprocess.run(
            [sys.executable, script, result],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        assert done.returncode == 0, done.stdout
        return Outcome(terminal=done.stdout, **json.loads(result.read_text()))

    return execute
