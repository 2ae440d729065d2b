"""What is there before a test is there after it, and nothing else."""

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.events import SOON
from support.isolated import children

_FDS = Path("/proc/self/fd")
_KINDS = re.compile(r"socket:|pipe:|.*pidfd")  # what watches files closes its own in its own time


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    """Set up before the engine, and so torn down after it."""
    before = _what_is_there()
    yield
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SOON):
            while _what_is_there() != before:  # noqa: ASYNC110 - a thread ends at its own time
                await asyncio.sleep(0.005)
    assert _what_is_there() == before


def _what_is_there() -> tuple[set[int], list[str], list[str]]:
    threads = sorted(one.name for one in threading.enumerate() if "process" in one.name)
    ours = [target for target in map(_target, _FDS.iterdir()) if _KINDS.match(target)]
    return children(), threads, sorted(ours)


def _target(fd: Path) -> str:
    """What a descriptor leads to; nothing for the one that lists them."""
    try:
        return str(fd.readlink())
    except OSError:
        return ""
