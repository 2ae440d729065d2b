"""Runs and their output, as the output pane is given them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from taskengine.output import OutputBuffer, OutputKind, OutputLine
from taskengine.run import JsonValue, Run, RunError, RunState, Trigger

STARTED = datetime(2026, 12, 24, 14, 3, 18, tzinfo=UTC)
TRACEBACK = """\
Traceback (most recent call last):
  File "/project/tasks/db/migrate.py", line 12, in run
    upgrade(connect(), target)
  File "/project/.venv/lib/python3.11/site-packages/db/engine.py", line 310, in connect
    raise OperationalError("connection refused")
db.errors.OperationalError: connection refused"""

RUNNING = Run(
    id=1042,
    task="db:migrate",
    payload={"dryRun": True, "target": "head"},
    trigger=Trigger.MANUAL,
    state=RunState.RUNNING,
    queued_at=STARTED,
    started_at=STARTED,
)


def done(result: JsonValue) -> Run:
    """The run, come to its end with a result."""
    ended = STARTED + timedelta(seconds=3.1)
    return replace(RUNNING, state=RunState.DONE, ended_at=ended, result=result)


def failed(message: str = "connection refused") -> Run:
    """The run, come to its end with an exception."""
    error = RunError(type="OperationalError", message=message, traceback=TRACEBACK)
    ended = STARTED + timedelta(seconds=3.1)
    return replace(RUNNING, state=RunState.FAILED, ended_at=ended, error=error)


def mixed_output() -> OutputBuffer:
    """A line of every kind, a hostile one, and a traceback."""
    output = OutputBuffer()
    time = int(STARTED.timestamp() * 1000)
    for kind, logger, text in _MIXED:
        time += 137
        output.append(OutputLine(time, kind, logger, text).encode())
    output.partial = "copying 42 %"
    return output


_MIXED = [
    (OutputKind.NOTE, "", "started"),
    (OutputKind.STDOUT, "", "Running DB migration task..."),
    (OutputKind.WARNING, "alembic.runtime", "no revision table, creating one"),
    (OutputKind.INFO, "alembic.runtime", "upgraded to head"),
    (OutputKind.DEBUG, "sql", "select version_num from alembic_version"),
    (OutputKind.STDOUT, "", "\x1b[32mok\x1b[0m \x1b[1;31mbad\x1b[0m \x1b[38;5;208mamber\x1b[0m"),
    (OutputKind.STDOUT, "", "10%\r50%\r100% \x1b[2J\x1b]0;title\x07done\x07"),
    (OutputKind.STDOUT, "", "wide 漢字 and e\u0301\tafter a tab"),
    (OutputKind.STDOUT, "", "a long line " + "that goes on " * 12),
    *((OutputKind.STDERR, "", line) for line in TRACEBACK.split("\n")),
    (OutputKind.ERROR, "alembic", "migration failed"),
    (OutputKind.CRITICAL, "root", "giving up"),
]
