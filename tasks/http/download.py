"""Retries: what fails now and then is tried again, later and later, and never takes for ever.

Only faults that may pass are worth it: `retry_on` names them. An address that is wrong is wrong an
hour later too, so that its 404 fails the run at once.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx
from msgspec import Meta

from taskengine import Backoff, TaskContext, TaskEvent, task
from tasks._shared import human_size, project_path
from tasks.http._demo import busy_server

# httpx logs every request; a failed attempt is told with its reason anyway.
logging.getLogger("httpx").setLevel(logging.WARNING)

BUSY = {429, 500, 502, 503, 504}


class ServerBusy(Exception):
    """The server has no answer now, but may have one in a while."""


@dataclass(frozen=True, slots=True)
class Download:
    """What to download. The descriptions are for the form in which a payload is written."""

    url: Annotated[
        str | None, Meta(description="an address; without one, a server for show is asked")
    ] = None
    folder: Annotated[str, Meta(description="where the file goes")] = "downloads"


@task(
    timeout="5m",
    retries=4,
    backoff=Backoff(initial=1, factor=2, cap=60, jitter=0.2),
    retry_on=(httpx.TransportError, ServerBusy),
)
async def run(event: TaskEvent[Download]) -> dict[str, object]:
    """Download a file, and try again where the network or the server lets it down."""
    wanted = event.payload
    if wanted.url is not None:
        return await download(wanted.url, project_path(wanted.folder), event.context)
    if event.context.attempt == 1:
        print("No URL in the payload: here is a server for show, which is busy at first.")
        print('Name your own: {"url": "https://example.org/list.csv"}')
    is_busy = event.context.attempt < 3
    with TemporaryDirectory() as folder:
        async with busy_server(is_busy=is_busy) as url:
            return await download(url, Path(folder), event.context)


async def download(url: str, folder: Path, context: TaskContext) -> dict[str, object]:
    """Put what the URL holds into the folder, under the last part of its path as a name."""
    async with answer_of(url) as answer:
        target = folder / name_for(answer.url)
        with unfinished(target) as part:
            size = await save(answer, part, context)
    print(f"{human_size(size)} in {target}")
    return {"file": str(target), "bytes": size, "attempt": context.attempt}


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A path for what is to become the target if all goes well, and else goes away."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as folder:
        part = Path(folder) / target.name
        yield part
        part.replace(target)


@asynccontextmanager
async def answer_of(url: str) -> AsyncIterator[httpx.Response]:
    """A good answer, its body yet unread. Raises ServerBusy, HTTPStatusError, TransportError."""
    async with httpx.AsyncClient(follow_redirects=True) as client, client.stream("GET", url) as one:
        if one.status_code in BUSY:
            raise ServerBusy(f"{one.status_code} {one.reason_phrase}: {one.url}")
        one.raise_for_status()
        yield one


async def save(answer: httpx.Response, path: Path, context: TaskContext) -> int:
    """Write the body to a file as it comes, and give back its length in bytes."""
    length = int(answer.headers.get("Content-Length", 0)) or None
    with path.open("wb") as file:
        async for piece in answer.aiter_bytes():
            file.write(piece)
            context.progress(answer.num_bytes_downloaded, length, path.name)
        return file.tell()


def name_for(url: httpx.URL) -> str:
    """What to call the file; the URL can't lead out of the folder."""
    name = PurePosixPath(url.path).name
    return "index.html" if name in {"", ".", ".."} else name
