"""The tasks that show something: echo, progress, failure, work after the return."""

import asyncio

import pytest

from support.events import Events
from support.examples import Examples
from taskengine import RunState
from taskengine.events import RunEnded, RunProgressed
from taskengine.output import OutputKind, OutputLine


@pytest.mark.parametrize("payload", [{}, {"a": [1, {"ü": None}]}, {"result": 1}])
async def test_the_echo_prints_the_payload_and_gives_it_back(
    examples: Examples, payload: dict[str, object]
) -> None:
    assert await examples.run("echo:payload", **payload) == payload

    text = "\n".join(examples.output())
    assert all(f'"{key}": ' in text for key in payload)


async def test_progress_is_reported_at_every_step_and_logged_at_several_levels(
    examples: Examples,
) -> None:
    events = Events(examples.engine)

    result = await examples.run("demo:progress", seconds=0)
    ended = await events.next(RunEnded)

    assert result == "20 steps in 0 s"
    assert ended.run.progress is not None
    assert (ended.run.progress.done, ended.run.progress.total) == (20, 20)
    output = examples.engine.history.output(ended.run.id)
    assert output is not None
    lines = [OutputLine.decode(line) for line in output.read(0, output.extent.total)]
    assert [line.text for line in lines] == [f"step {step} of 20" for step in range(1, 21)]
    assert {line.kind for line in lines} == {OutputKind.INFO, OutputKind.WARNING, OutputKind.ERROR}


async def test_a_cancelled_progress_tidies_up_at_once(examples: Examples) -> None:
    events = Events(examples.engine)
    run = await examples.engine.start_run("demo:progress", {"seconds": 100_000})
    await events.next(RunProgressed)

    await examples.engine.cancel_run(run.id)

    assert (await events.next(RunEnded)).run.state is RunState.CANCELLED
    assert examples.output() == ["Cancelled: tidying up"]


async def test_the_failure_shows_output_the_effect_and_its_cause(examples: Examples) -> None:
    with pytest.raises(Exception, match="line 3 has no price: 'water: n/a'"):
        await examples.run("demo:failure")

    error = examples.last_run.error
    assert error is not None
    assert error.type == "PriceListError"
    assert "in price_of" in error.traceback
    assert "ValueError: could not convert" in error.traceback
    assert "direct cause of the following" in error.traceback
    assert "nobody has checked this list" in examples.output()


async def test_the_failure_is_mended_by_its_payload(examples: Examples) -> None:
    assert await examples.run("demo:failure", price="2.40") == pytest.approx(10)


async def test_the_receipt_comes_after_the_return_and_before_the_end(examples: Examples) -> None:
    result = await examples.run("demo:afterwards", order=12, seconds=0)

    assert result == {"order": "12", "state": "accepted"}
    assert examples.output() == [
        "Order 12 is accepted; the function returns now",
        "The receipt for order 12 is printed; the run ends now",
    ]


async def test_a_run_that_prints_its_receipt_can_be_cancelled(examples: Examples) -> None:
    events = Events(examples.engine)
    run = await examples.engine.start_run("demo:afterwards", {"seconds": 100_000})

    await examples.engine.cancel_run(run.id)

    async with asyncio.timeout(30):
        assert (await events.next(RunEnded)).run.state is RunState.CANCELLED
