"""A server that answers as Nitro does."""

from collections.abc import AsyncIterator

import pytest

from support.nitro_like import NitroLike, nitro_like


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NitroLike]:
    """A server that listens; this machine is in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    async with nitro_like() as server:
        yield server
