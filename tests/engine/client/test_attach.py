"""What answers at an address, and the handle for it."""

import pytest

from support.nitro_like import nitro_like, page, said
from support.project import Project
from support.served import served
from taskengine.client.attach import handle_for
from taskengine.client.nitro.handle import NitroHandle
from taskengine.client.remote.handle import RemoteHandle
from taskengine.errors import EngineUnreachable

TOKEN = "a-token-for-tests"


async def test_an_engine_is_known_by_its_health(project: Project) -> None:
    project.task("hello.py", "return 1")
    async with served(project, port=0, token=TOKEN) as engine:
        assert engine.server.socket
        for address, token in ((engine.server.socket, None), (engine.server.url, TOKEN)):
            handle = await handle_for(address, token)
            assert isinstance(handle, RemoteHandle)
            await handle.start()
            assert [view.name for view in handle.tasks()] == ["hello"]
            await handle.stop()
        for wrong in (None, "another"):
            with pytest.raises(EngineUnreachable, match="lets nobody in: "):
                await handle_for(engine.server.url, wrong)


async def test_a_nitro_server_is_known_by_its_list_and_sees_no_token() -> None:
    async with nitro_like() as server:
        for health in (None, page(), said({"status": "ok"}), said({"error": True}, 401)):
            server.odd = {"/api/v1/health": health} if health else {}
            handle = await handle_for(server.url, TOKEN)
            assert isinstance(handle, NitroHandle)
            await handle.start()
            assert handle.status.address == server.url
            await handle.stop()
        shown = [one.path for one in server.asked if "authorization" in one.headers]
        assert shown == ["/api/v1/health"]  # once, where a token was asked for
        assert "/_nitro/tasks" in {one.path for one in server.asked}


@pytest.mark.parametrize("token", ["€", "a\nb", "a b"])
async def test_a_token_that_no_header_can_hold_is_refused_unseen(token: str) -> None:
    async with nitro_like() as server:
        server.odd = {"/api/v1/health": said({"error": True}, 401)}
        with pytest.raises(ValueError, match="must be text of ASCII") as refused:
            await handle_for(server.url, token)
        assert token not in str(refused.value)


async def test_what_is_neither_is_refused_in_words() -> None:
    async with nitro_like() as server:
        server.odd = {"/api/v1/health": page(), "/_nitro/tasks": page()}
        with pytest.raises(EngineUnreachable, match="it answers with a web page") as refused:
            await handle_for(server.url)
        assert "experimental: { tasks: true }" in str(refused.value)
        await server.stop()
        with pytest.raises(EngineUnreachable, match="does not answer: nobody listens there"):
            await handle_for(server.url)
