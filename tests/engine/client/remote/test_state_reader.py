"""A large state is read in slices, and comes to the same."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from taskengine import Run, RunState, Trigger
from taskengine.client.remote.state_reader import read_state
from taskengine.client.views import EngineStatus, OptionView, TaskView
from taskengine.client.wire.form import to_json
from taskengine.client.wire.messages import Standing, State
from taskengine.events import EngineState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def state(tasks: int) -> State:
    run = Run(
        id=7,
        task="a",
        payload={"text": '"}{[]'},
        trigger=Trigger.API,
        state=RunState.DONE,
        queued_at=NOW,
        ended_at=NOW,
    )
    names = [f"task {number}: é" for number in range(tasks)]
    options = tuple(OptionView(name=f"o{n}", value="x" * 20, source="default") for n in range(20))
    return State(
        now=NOW,
        status=EngineStatus(
            state=EngineState.LIVE,
            project="p",
            root=Path("/p"),
            tasks_dir=Path("/p/tasks"),
            timezone="UTC",
            scheduling=True,
            stop_grace=1.0,
        ),
        tasks=tuple(TaskView(name=name, path=Path("/p/x.py"), options=options) for name in names),
        standings={name: Standing(last=run, outcomes=(RunState.DONE,)) for name in names},
        problems=(),
        active=(run,),
        left_out={7: ("payload",)},
        delayed=(),
        missed=(),
        kept={"draft": {"a": "é"}},
    )


@pytest.mark.parametrize("tasks", [0, 3, 1_001])
async def test_it_is_what_was_sent(tasks: int) -> None:
    sent = state(tasks)
    assert await read_state(to_json(sent)) == sent


async def test_others_have_their_turn_meanwhile() -> None:
    reading = asyncio.create_task(read_state(to_json(state(1_000))))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10


@pytest.mark.parametrize("padding", [0, 600_000])
async def test_what_is_no_state_is_refused(padding: int) -> None:
    for text in (b'{"x":"%s"}', b'{"tasks":[1],"x":"%s"}', b'["%s"]', b'{"tasks":"%s"}', b"{%s"):
        with pytest.raises(ValueError, match=r"."):
            await read_state(text % (b"x" * padding))
