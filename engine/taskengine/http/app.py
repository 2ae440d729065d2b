"""The application that a server serves: the rooms' routes, and answers to all that goes wrong."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from taskengine.errors import TaskError
from taskengine.http.answers import error_answer, refusal
from taskengine.http.api.routes import api_routes
from taskengine.http.bodies import Bodies
from taskengine.http.context import ServedEngine, is_near
from taskengine.http.guard import TokenGuard
from taskengine.http.limits import Limits
from taskengine.http.nitro.routes import nitro_routes
from taskengine.http.nitro.vercel import cron_secret, vercel_routes


def application(served: ServedEngine, limits: Limits) -> ASGIApp:
    """All that an engine answers to, for whoever gets past a guard."""
    cron = vercel_routes(served)
    own = [*nitro_routes(served), *api_routes(served)]
    # A platform's cron shows the secret that it was given, and has no other token.
    if cron_secret():
        return join(cron, own, limits)
    return join((), [*cron, *own], limits)


def join(
    with_own_secret: Sequence[BaseRoute], behind_token: Sequence[BaseRoute], limits: Limits
) -> ASGIApp:
    """Routes as one application. Those that check a secret by themselves need no token."""
    behind = Router([_plain(one) for one in behind_token], redirect_slashes=False)
    app = Starlette(
        routes=[_plain(one) for one in with_own_secret],
        exception_handlers={
            HTTPException: _refuse,
            TaskError: _tell,
            Exception: _tell,
        },
    )
    app.router.redirect_slashes = False
    app.router.default = TokenGuard(Bodies(behind, limits))
    return app


def _plain(route: BaseRoute) -> BaseRoute:
    """A route without the HEAD that Starlette adds to each GET: that would run tasks too."""
    if isinstance(route, Route) and route.methods:
        route.methods.discard("HEAD")
    return route


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allowed = " or ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
    message = {
        404: f"There is nothing at {request.url.path}",
        405: f"{request.method} is not possible here; {allowed} is",
    }.get(error.status_code, error.detail)
    return refusal(error.status_code, request.url.path, message, headers=error.headers)


def _tell(request: Request, error: Exception) -> Response:
    return error_answer(request.url.path, error, tells_stack=is_near(request))
