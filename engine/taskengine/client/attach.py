"""The handle of what answers at an address: an engine of taskconsole's, or a Nitro dev server."""

from http import HTTPStatus
from pathlib import Path

from taskengine.client.address import Address
from taskengine.client.handle import Handle
from taskengine.client.nitro.handle import NitroHandle
from taskengine.client.nitro.listing import NotNitro, read_listing
from taskengine.client.nitro.server import look_at, no_nitro
from taskengine.client.site import Answer, AnswerTooLong, Site
from taskengine.errors import EngineUnreachable

HEALTH = "/api/v1/health"
MAX_HEALTH = 1_000_000
"""Bytes."""
ANSWERED_WITHIN = 10.0
"""Seconds."""
_NOT_LET_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


async def handle_for(address: Address, token: str | None = None) -> Handle:
    """The handle for an address, not started. A socket is always an engine's; what is behind a URL
    is asked. Raises EngineUnreachable, in words, where nothing of both kinds answers, and
    ValueError for a token that no header can hold.
    """
    if isinstance(address, Path):
        return _remote(address, token)
    health = await _health(Site(address))
    if token and health.status in _NOT_LET_IN:  # what asks for none is not shown it
        health = await _health(Site(address, token=token))
    if _is_engines(health):
        return _remote(address, token)
    return await _nitro(address, health)


async def _health(site: Site) -> Answer:
    try:
        return await site.get(HEALTH, limit=MAX_HEALTH, seconds=ANSWERED_WITHIN)
    except AnswerTooLong:
        return Answer(HTTPStatus.OK, b"")  # some page
    finally:
        await site.close()


def _is_engines(health: Answer) -> bool:
    given = _object(health)
    return health.status == HTTPStatus.OK and isinstance(given.get("status"), dict)


async def _nitro(url: str, health: Answer) -> Handle:
    site = Site(url)
    try:
        read_listing(await look_at(site))
    except NotNitro as error:
        if health.status in _NOT_LET_IN:
            raise EngineUnreachable(
                f"The server at {url} lets nobody in: {_words(health)}"
            ) from error
        raise no_nitro(url, error) from error
    finally:
        await site.close()
    return NitroHandle(url)


def _words(answer: Answer) -> str:
    message = _object(answer).get("message")
    return str(message)[:500] if message else f"status {answer.status}"


def _object(answer: Answer) -> dict[str, object]:
    try:
        given = answer.json()
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _remote(address: Address, token: str | None) -> Handle:
    # Imported here: it brings what a Nitro server needs nothing of.
    from taskengine.client.remote.handle import RemoteHandle

    return RemoteHandle(address, token=token)
