"""Many requests at once on the task loop: the async side of the task API."""

import asyncio
import itertools
import logging
import time
from dataclasses import asdict, dataclass

import httpx

from taskengine import TaskEvent, task

# httpx logs every request; the lines that this task prints say more.
logging.getLogger("httpx").setLevel(logging.WARNING)

HERE = "http://127.0.0.1:8000/"


class UrlsFailed(Exception):
    """Some of the URLs gave no answer, or an error as their answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one URL. `status` is None if nothing answered; then `error` says why."""

    url: str
    ok: bool
    status: int | None
    ms: int
    error: str = ""


@task
async def run(event: TaskEvent) -> list[dict[str, object]]:
    """Check that URLs answer, and how fast.

    Payload:
        urls: a list of URLs; by default one address of this machine.
        timeout: how many seconds to wait for each answer; 10 by default.
        limit: how many URLs to ask at a time; 10 by default.
        fail_on_error: whether a URL that fails makes the run fail; false by default.
    """
    urls = wanted_urls(event)
    seconds = float(event.payload.get("timeout", 10))
    gate = asyncio.Semaphore(max(1, int(event.payload.get("limit", 10))))
    count = itertools.count(1)

    async def check(url: str) -> Answer:
        async with gate:
            answer = await ask(client, url, seconds)
        print(f"{answer.status or '—':>6} {answer.ms:>6} ms  {url}  {answer.error}".rstrip())
        event.context.progress(next(count), len(urls), url)
        return answer

    print("status      time  URL")
    async with httpx.AsyncClient(follow_redirects=True) as client, asyncio.TaskGroup() as group:
        checks = [group.create_task(check(url)) for url in urls]
    answers = [one.result() for one in checks]
    failed = [answer.url for answer in answers if not answer.ok]
    if failed and event.payload.get("fail_on_error", False):
        raise UrlsFailed(f"{len(failed)} of {len(urls)} failed: {', '.join(failed)}")
    return [asdict(answer) for answer in answers]


def wanted_urls(event: TaskEvent) -> list[str]:
    """The URLs of the payload; without any, a hint and an address that needs no network."""
    urls = event.payload.get("urls", [])
    if urls:
        return [urls] if isinstance(urls, str) else [str(url) for url in urls]
    print(f"No URLs in the payload, so this asks {HERE}")
    print('Name your own: {"urls": ["https://example.org", "https://example.com"]}')
    return [HERE]


async def ask(client: httpx.AsyncClient, url: str, seconds: float) -> Answer:
    """Wait for the headers of the URL's answer, but not for its body."""
    start = time.perf_counter()
    status, error = None, ""
    try:
        async with asyncio.timeout(seconds), client.stream("GET", url, timeout=None) as response:
            status = response.status_code
    except TimeoutError:
        error = f"no answer within {seconds:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        error = str(fault) or type(fault).__name__
    ms = round((time.perf_counter() - start) * 1000)
    return Answer(url, ok=status is not None and status < 400, status=status, ms=ms, error=error)
