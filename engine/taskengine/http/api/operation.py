"""What can be called: a method, a path and the function that answers, which says all the rest.

The names and types of a function's arguments are what a call may bring, and its return type is
what the answer holds. The document of the interface is made from the same.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import NoneType
from typing import Any, TypeVar, cast, get_type_hints

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from taskengine.http.answers import json_answer
from taskengine.http.api.context import ApiContext
from taskengine.http.api.parameters import NoQuery, read_body, read_path, read_query

Handler = Callable[..., Awaitable[object]]
F = TypeVar("F", bound=Handler)

JSON = "application/json"
EVENT_STREAM = "text/event-stream"
_OWN = ("request", "query", "body")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be called. `path` is below the interface's own, such as `/runs/{run_id}`.

    `path_parameters`, `query` and `body` are the types of what a call brings; `answer` is that of
    what it gets, None for nothing, and `Response` for an answer in a form of its own, which is of
    the `media_type`.
    """

    method: str
    path: str
    subject: str
    status: int
    handler: Handler
    path_parameters: Mapping[str, Any]
    query: type[msgspec.Struct]
    body: type[msgspec.Struct] | None
    answer: Any
    takes_request: bool
    media_type: str

    @property
    def name(self) -> str:
        """The function's name; no other operation has it."""
        return self.handler.__name__

    @property
    def may_be_empty(self) -> bool:
        """Whether there may be nothing to answer with."""
        return self.media_type == EVENT_STREAM

    @property
    def words(self) -> str:
        """What it does, for people."""
        return inspect.getdoc(self.handler) or ""

    async def call(self, api: ApiContext, request: Request) -> Response:
        """Answer a call. Raises what says why it can't be answered."""
        given = read_path(request.path_params, self.path_parameters)
        query = read_query(request, self.query)
        if self.query is not NoQuery:
            given["query"] = query
        if self.body is not None:
            given["body"] = await read_body(request, self.body)
        if self.takes_request:
            given["request"] = request
        try:
            answer = await self.handler(api, **given)
        except ClientDisconnect:
            return Response()
        if isinstance(answer, Response):
            return answer
        if self.answer is None:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return await asyncio.to_thread(json_answer, answer, self.status)


class Operations:
    """The operations of one subject, in the order in which they were written."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._operations: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        """All of them."""
        return iter(self._operations)

    def get(self, path: str) -> Callable[[F], F]:
        """What the decorated coroutine function answers to GET."""
        return partial(self._add, "GET", path, HTTPStatus.OK, JSON)

    def stream(self, path: str) -> Callable[[F], F]:
        """What it answers to GET with a stream of events, or with nothing."""
        return partial(self._add, "GET", path, HTTPStatus.OK, EVENT_STREAM)

    def post(self, path: str, *, status: int = HTTPStatus.OK) -> Callable[[F], F]:
        """What it answers to POST; `status` is that of a call that went well."""
        return partial(self._add, "POST", path, status, JSON)

    def put(self, path: str) -> Callable[[F], F]:
        """What it answers to PUT."""
        return partial(self._add, "PUT", path, HTTPStatus.OK, JSON)

    def delete(self, path: str) -> Callable[[F], F]:
        """What it answers to DELETE."""
        return partial(self._add, "DELETE", path, HTTPStatus.OK, JSON)

    def _add(self, method: str, path: str, status: int, media_type: str, handler: F) -> F:
        hints = get_type_hints(handler, include_extras=True)
        answer = hints.pop("return")
        del hints["api"]
        self._operations.append(
            Operation(
                method=method,
                path=path,
                subject=self._subject,
                status=HTTPStatus.NO_CONTENT if answer is NoneType else status,
                handler=handler,
                path_parameters={key: kind for key, kind in hints.items() if key not in _OWN},
                query=cast("type[msgspec.Struct]", hints.get("query", NoQuery)),
                body=hints.get("body"),
                answer=None if answer is NoneType else answer,
                takes_request="request" in hints,
                media_type=media_type,
            )
        )
        return handler
