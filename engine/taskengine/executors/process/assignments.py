"""From a job to what its process is told."""

import os
import sys
from typing import Any

from taskengine.errors import InvalidPayload
from taskengine.executors.executor import Job
from taskengine.executors.process.messages import Assignment
from taskengine.jsonvalue import NotJson, to_json
from taskengine.project.origin import CodeOrigin

TOKEN_BYTES = 8


def assignment_for(job: Job, origin: CodeOrigin, log_level: int | str) -> Assignment:
    """What a process has to know to do the job. May run users' code, for `extra` is theirs.

    Raises InvalidPayload for an `extra` that JSON can't carry.
    """
    run = job.run
    return Assignment(
        token=os.urandom(TOKEN_BYTES).hex(),
        root=os.fsencode(origin.root),
        tasks_dir=origin.tasks_dir,
        task=run.task,
        handler=origin.handler,
        run_id=run.id,
        attempt=run.attempt,
        trigger=run.trigger,
        scheduled_time=run.scheduled_time.isoformat() if run.scheduled_time else None,
        payload=run.payload,
        extra=_extra(job),
        memory=job.task.options.memory,
        log_level=log_level,
        folder=_folder(),
        environment=list(os.environb.items()),
        sys_path=_foreign_paths(origin),
    )


def _extra(job: Job) -> dict[str, Any]:
    if not job.extra:
        return {}
    try:
        extra = to_json(job.extra, "context")
    except NotJson as fault:
        raise InvalidPayload(f"{fault}: the task runs in a process of its own") from None
    assert isinstance(extra, dict)
    return extra


def _folder() -> bytes:
    try:
        return os.getcwdb()  # noqa: PTH109 - bytes are wanted
    except OSError:
        return b""


def _foreign_paths(origin: CodeOrigin) -> list[bytes]:
    """The import path without the project's own part, which the child puts there itself."""
    own = {os.fsencode(path) for path in (origin.root, origin.root / "src")}
    return [path for path in map(os.fsencode, sys.path) if path not in own]
