"""What is heard of a run comes in the order in which it happened, whatever other runs do."""

import asyncio
import threading
from typing import Any

import pytest

from support.events import SOON, Events
from support.project import Project
from taskengine import Engine
from taskengine.events import RunEnded, RunEvent, RunProgressed, RunQueued, RunStarted

_NAMES = ("first", "second")
_KINDS = (RunQueued, RunStarted, RunProgressed, RunEnded)


async def test_what_a_body_says_comes_after_its_start_though_another_is_about_to_wake_the_engine(
    project: Project, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _NAMES:
        project.task(
            f"{name}.py",
            "event.context.progress(1)\nevent.context.extra['said'].set()",
            kind="def",
        )
    events = Events(engine)
    await engine.start()
    await events.live()
    is_waking, said = threading.Event(), threading.Event()

    async def start_both() -> None:
        """In one step of the engine's loop, so that neither has to be waited for."""
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def wake_late(*args: Any, **kwargs: Any) -> asyncio.Handle:
            if threading.current_thread().name == "taskengine pool" and not is_waking.is_set():
                is_waking.set()
                said.wait(SOON)
            return wake(*args, **kwargs)

        monkeypatch.setattr(loop, "call_soon_threadsafe", wake_late)
        context = {"said": said}
        await asyncio.gather(*(engine.start_run(name, context=context) for name in _NAMES))

    await engine.on_loop(start_both())

    for _ in _NAMES:
        await events.next(RunEnded)
    for name in _NAMES:
        seen = [one for one in events.seen if isinstance(one, RunEvent) and one.run.task == name]
        assert [type(event) for event in seen if type(event) in _KINDS] == list(_KINDS)
    assert is_waking.is_set()
