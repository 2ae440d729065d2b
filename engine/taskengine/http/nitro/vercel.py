"""The route by which a platform's cron has schedules fire, as in Nitro's preset for Vercel.

After src/presets/vercel/runtime/cron-handler.ts of nitro 3.0. The differences: a call waits for
every run, not just up to the first that fails; calls of one minute are one fire; and without a
secret the route is no more open than any other.
"""

import asyncio
import hmac
import os
from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from taskengine.http.answers import json_answer
from taskengine.http.context import ServedEngine
from taskengine.http.heard import while_heard
from taskengine.run import Run, RunState
from taskengine.triggers.called import CalledFire, CallOutcome

CRON = "/_vercel/cron"
SECRET = "CRON_SECRET"  # noqa: S105 - the name of the environment's variable
SCHEDULE_HEADER = "x-vercel-cron-schedule"

_FINE = frozenset({RunState.DONE, RunState.SKIPPED})


def cron_secret() -> str:
    """The secret that the platform shows with each call; empty if the environment has none."""
    return os.environ.get(SECRET, "")


def vercel_routes(served: ServedEngine) -> Sequence[BaseRoute]:
    """The route of Vercel's cron.

    If the environment has a secret by now, the route asks for it by itself, and must stand before
    any guard that asks for a token: a platform has only the one header for either. If not, it is
    for those to call who may run tasks at all.
    """
    call = _CronCall(served, cron_secret())
    return (Route(CRON, call.answer, methods=["GET", "POST"]),)


class _CronCall:
    def __init__(self, served: ServedEngine, secret: str) -> None:
        self._engine = served.engine
        self._secret = f"Bearer {secret}".encode("utf-8", "surrogateescape") if secret else b""

    async def answer(self, request: Request) -> Response:
        """Fire the schedules of the header's expression, and answer when all their runs are over.

        A platform may stop the program as soon as it has its answer. Whoever goes away before does
        not stop the runs.
        """
        self._expect_secret(request)
        fires = await self._engine.fire(_expression(request))
        ends = asyncio.gather(*(self._end_of(fire) for fire in fires))
        try:
            runs = await while_heard(ends, request)
        except ClientDisconnect:
            return Response()
        _expect_success(fires, runs)
        return json_answer({"success": True, "fires": [_told(fire) for fire in fires]})

    def _expect_secret(self, request: Request) -> None:
        """Raise HTTPException (401) unless the caller shows the secret, or there is none."""
        shown = request.headers.get("authorization", "").encode("latin-1")
        if self._secret and not hmac.compare_digest(shown, self._secret):
            raise HTTPException(HTTPStatus.UNAUTHORIZED)

    async def _end_of(self, fire: CalledFire) -> Run | None:
        return None if fire.run_id is None else await self._engine.wait(fire.run_id)


def _expression(request: Request) -> str:
    if expression := request.headers.get(SCHEDULE_HEADER, "").strip():
        return expression
    raise HTTPException(HTTPStatus.BAD_REQUEST, f"Missing {SCHEDULE_HEADER} header")


def _expect_success(fires: Sequence[CalledFire], runs: Sequence[Run | None]) -> None:
    """Raise HTTPException (500) if anything went wrong, so that the platform's log shows it."""
    failures = [
        _failure(fire, run)
        for fire, run in zip(fires, runs, strict=True)
        if fire.outcome is CallOutcome.REFUSED or (run and run.state not in _FINE)
    ]
    if failures:
        raise HTTPException(HTTPStatus.INTERNAL_SERVER_ERROR, "; ".join(failures))


def _failure(fire: CalledFire, run: Run | None) -> str:
    if run is None:
        return f"{fire.task} could not be fired: {fire.reason}"
    why = f": {run.error.message or run.error.type}" if run.error else ""
    return f"{fire.task} {run.state.value} in run #{run.id}{why}"


def _told(fire: CalledFire) -> dict[str, object]:
    told = {"task": fire.task, "scheduledTime": fire.at, "outcome": fire.outcome}
    return told if fire.run_id is None else {**told, "run": fire.run_id}
