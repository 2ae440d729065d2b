"""A web site that attacks an engine on the machine of whoever visits it, and a visitor."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60.0
# As far as the browser knows this is a host somewhere in the world.
EVIL = "evil.test"
_PAGE = Path(__file__).with_name("hostile_page.html")


class HostileSite:
    """Serves the page, and passes calls of its own name on to the engine.

    That is what DNS rebinding comes to: the page's own host name leads to the engine, once the page
    is there, and the browser takes the engine for the page's own site.
    """

    def __init__(self, engine: str) -> None:
        self._engine = urlsplit(engine)
        self._finished: dict[str, asyncio.Event] = {}
        self._calls: set[asyncio.Task[None]] = set()

    async def visited_from(self, where: str) -> None:
        """Wait until a page has tried everything."""
        async with asyncio.timeout(PATIENCE):
            await self._finished.setdefault(where, asyncio.Event()).wait()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.ensure_future(self._answer(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def close(self) -> None:
        """Wait until its callers have gone, as they do when the browser ends."""
        if self._calls:
            await asyncio.wait(tuple(self._calls), timeout=PATIENCE)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            target = urlsplit(head.split(b" ")[1].decode())
            if target.path.startswith("/_nitro/"):
                await self._pass_on(head, reader, writer)
            elif target.path == "/done":
                where = target.query.partition("=")[2]
                self._finished.setdefault(where, asyncio.Event()).set()
            page = _PAGE.read_text().replace("PORT", str(self._engine.port)).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(page), page)
            )
            await writer.drain()
        writer.close()

    async def _pass_on(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        engine, to_engine = await asyncio.open_connection(self._engine.hostname, self._engine.port)
        to_engine.write(head)
        await asyncio.gather(_pump(reader, to_engine), _pump(engine, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Pass on what comes, until either side hangs up."""
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()
    with contextlib.suppress(OSError):
        await target.wait_closed()


@asynccontextmanager
async def hostile_site(engine: str) -> AsyncIterator[tuple[HostileSite, int]]:
    """The site, and the port where it is served."""
    site = HostileSite(engine)
    server = await asyncio.start_server(site.take, "127.0.0.1", 0)
    async with server:
        yield site, server.sockets[0].getsockname()[1]
        await site.close()


@asynccontextmanager
async def visitor(profile: Path, url: str) -> AsyncIterator[None]:
    """A browser without a window that opens a page."""
    browser = await asyncio.create_subprocess_exec(
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
        f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
        url,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()
