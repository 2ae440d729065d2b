"""One way in, at the moments when it is opened and closed."""

import asyncio
import socket

import pytest
from starlette.types import Receive, Scope, Send

from support.raw_http import SOON
from taskengine.http.limits import Limits
from taskengine.http.listener import Listener
from taskengine.http.tcp_socket import bind_tcp


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Nobody comes that far."""


@pytest.mark.parametrize("moves", [False, True])
async def test_who_comes_just_as_it_is_closed_is_not_left_behind(*, moves: bool) -> None:
    """How far they have come depends on how many rounds the loop has made since."""
    for rounds in range(5):
        bound = bind_tcp("127.0.0.1", 0)
        listener = Listener(app, bound, Limits())
        await listener.start()
        with socket.create_connection(bound.getsockname(), timeout=SOON) as caller:
            for _ in range(rounds):
                await asyncio.sleep(0)
            if moves:
                await listener.move(bind_tcp("127.0.0.1", 0))
            await listener.stop(0)
            await asyncio.sleep(0)
            try:
                while caller.recv(1_024):
                    pass
            except ConnectionResetError:
                pass  # it had not been accepted yet
