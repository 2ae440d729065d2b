"""The output of an engine elsewhere, while lines are written and dropped there."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
from msgspec.structs import replace

from support.reached import soon
from taskengine.client.remote.output import Excerpt, RemoteOutput
from taskengine.errors import EngineUnreachable, RunNotFound, TaskError
from taskengine.http.api.excerpt import read_on, read_tail
from taskengine.output import Output, OutputBuffer, OutputExtent, OutputKind, OutputLine


class Elsewhere:
    """Answers for lines as an engine does, from a real buffer; `fault` is raised instead."""

    def __init__(self, output: OutputBuffer) -> None:
        self.output: Output = output
        self.fault: TaskError | None = None
        self.over = False
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, **query: Any) -> Excerpt:
        self.asked.append(query)
        await asyncio.sleep(0)
        if self.fault:
            raise self.fault
        tail, start = query.get("tail"), query.get("start", 0)
        found = (
            read_tail(self.output, tail)
            if tail is not None
            else read_on(self.output, start, query["stop"])
        )
        return Excerpt(
            extent=found.extent,
            start=found.first,
            lines=tuple(found.lines),
            partial=self.output.partial,
            over=self.over,
        )


class Make:
    """Makes outputs; `tasks` are what they do in the background."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def __call__(self, ask: Elsewhere) -> RemoteOutput:
        return RemoteOutput(ask, self.spawn)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes outputs whose tasks end with the test."""
    make = Make()
    yield make
    for task in make.tasks:
        task.cancel()
    await asyncio.gather(*make.tasks, return_exceptions=True)


def write(buffer: OutputBuffer, start: int, stop: int) -> None:
    for number in range(start, stop):
        buffer.append(OutputLine(1_000 + number, OutputKind.INFO, "a", f"line {number}").encode())


def numbers(output: Output, start: int, stop: int) -> list[int]:
    texts = (OutputLine.decode(line).text for line in output.read(start, stop))
    return [int(text.removeprefix("line ")) for text in texts]


async def test_head_and_tail_are_shown_and_what_is_between_is_dropped(make: Make) -> None:
    buffer = OutputBuffer(max_lines=300, head_lines=100)
    write(buffer, 0, 1_000)
    output = make(Elsewhere(buffer))
    assert not output.has(0, 10)

    await output.fetch(0, 1_000)

    assert output.extent == buffer.extent == OutputExtent(1_000, 100, 800)
    assert numbers(output, 0, 1_000) == [*range(100), *range(800, 1_000)]
    assert numbers(output, 90, 810) == [*range(90, 100), *range(800, 810)]
    assert output.has(150, 700)
    assert output.read(150, 700) == []


async def test_what_is_dropped_while_it_is_looked_at_is_not_shown_any_more(make: Make) -> None:
    buffer = OutputBuffer(max_lines=300, head_lines=100)
    write(buffer, 0, 250)
    output = make(Elsewhere(buffer))
    await output.fetch(0, 250)

    write(buffer, 250, 2_000)
    await soon(lambda: output.extent.total == 2_000)
    await output.fetch(0, 2_000)

    assert numbers(output, 0, 2_000) == [*range(100), *range(1_800, 2_000)]


async def test_of_a_flood_the_end_is_followed(make: Make) -> None:
    buffer = OutputBuffer()
    output = make(there := Elsewhere(buffer))
    assert output.extent.total == 0
    for start in range(0, 24_000, 3_000):
        write(buffer, start, start + 3_000)
        await soon(lambda: output.extent.total == buffer.extent.total)
    await soon(lambda: output.has(23_900, 24_000))

    fetched = sum(query.get("tail") or query["stop"] - query["start"] for query in there.asked)
    assert fetched < 24_000
    await output.fetch(0, 24_000)
    assert numbers(output, 0, 24_000) == [*range(24_000)]


async def test_of_a_flood_that_goes_on_the_end_is_always_at_hand(make: Make) -> None:
    buffer = OutputBuffer()
    there = Elsewhere(buffer)
    seen: list[list[int]] = []

    async def flooded(**query: Any) -> Excerpt:
        total = output.extent.total
        seen.append(numbers(output, total - 10, total))
        write(buffer, buffer.extent.total, buffer.extent.total + 3_000)
        excerpt = await there(**query)
        write(buffer, buffer.extent.total, buffer.extent.total + 30)  # while it is answered
        return replace(excerpt, extent=buffer.extent)

    output = RemoteOutput(flooded, make.spawn)
    assert output.extent.total == 0
    await soon(lambda: len(seen) >= 7)

    assert seen[:2] == [[], list(range(3_000 - 10, 3_000))]
    assert all(len(lines) == 10 for lines in seen[1:])


async def test_who_fetches_no_line_learns_how_many_there_are_by_now(make: Make) -> None:
    buffer = OutputBuffer()
    write(buffer, 0, 100)
    output = make(there := Elsewhere(buffer))
    await output.fetch(0, 0)
    write(buffer, 100, 5_000)
    there.over = True

    await output.fetch(0, 0)
    assert (output.extent.total, output.is_over) == (5_000, True)

    there.fault = EngineUnreachable("gone")
    await output.fetch(0, 0)  # there will never be more


async def test_a_line_that_is_not_finished_is_shown_as_far_as_it_goes(make: Make) -> None:
    buffer = OutputBuffer()
    buffer.partial = "50 %"
    output = make(there := Elsewhere(buffer))
    await soon(lambda: (output.extent.total, output.partial) == (0, "50 %"))
    buffer.partial = "60 %"
    await soon(lambda: (output.extent.total, output.partial) == (0, "60 %"))
    assert there.asked[-1]["partial"] in {"50 %", "60 %"}


async def test_it_asks_no_more_when_it_is_over_or_nobody_looks(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.client.remote.output.LOOKED_AT", 0.05)
    buffer = OutputBuffer()
    write(buffer, 0, 10)
    output = make(there := Elsewhere(buffer))
    await soon(lambda: output.extent.total == 10)
    await soon(lambda: all(task.done() for task in make.tasks))

    there.over = True
    await soon(lambda: bool(output.extent) and output.is_over)
    await soon(lambda: all(task.done() for task in make.tasks))
    asked = len(there.asked)
    assert output.extent.total == 10
    assert all(task.done() for task in make.tasks)
    assert len(there.asked) == asked


async def test_what_is_left_behind_and_writes_later_is_told_of_in_one_go(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskengine.client.remote.output.LOOKED_AGAIN", 0.0)
    buffer = OutputBuffer()
    write(buffer, 0, 10)
    there = Elsewhere(buffer)
    there.over = True
    seen: set[int] = set()

    async def asked(**query: Any) -> Excerpt:
        seen.add(output.extent.total)
        return await there(**query)

    output = RemoteOutput(asked, make.spawn)
    await soon(lambda: bool(output.extent) and output.is_over)
    write(buffer, 10, 1_200)
    await soon(lambda: output.extent.total == 1_200)

    assert seen <= {0, 10, 1_200}
    await output.fetch(0, 1_200)
    assert numbers(output, 0, 1_200) == [*range(1_200)]


async def test_a_run_that_is_not_kept_any_more_has_no_lines(make: Make) -> None:
    buffer = OutputBuffer()
    write(buffer, 0, 1_000)
    output = make(there := Elsewhere(buffer))
    await output.fetch(900, 1_000)
    there.fault = RunNotFound(7)

    await output.fetch(0, 1_000)

    assert output.extent.kept == 0
    assert output.read(0, 1_000) == []
    assert output.is_over


async def test_a_cut_is_told_to_who_fetches_and_mended_for_who_looks(make: Make) -> None:
    buffer = OutputBuffer()
    write(buffer, 0, 2_000)
    output = make(there := Elsewhere(buffer))
    await output.fetch(1_900, 2_000)
    there.fault = EngineUnreachable("it is gone")

    with pytest.raises(EngineUnreachable):
        await output.fetch(0, 10)
    assert not output.has(0, 10)
    assert output.has(1_900, 2_000)

    there.fault = None
    await soon(lambda: output.has(0, 10))
    assert numbers(output, 0, 10) == [*range(10)]


async def test_nothing_of_an_earlier_engine_is_relied_on(make: Make) -> None:
    old, new = OutputBuffer(), OutputBuffer()
    write(old, 0, 100)
    write(new, 500, 550)
    output = make(there := Elsewhere(old))
    await output.fetch(0, 100)

    there.output = new
    output.begin_anew()

    assert not output.has(0, 10)
    await output.fetch(0, 100)
    assert output.extent.total == 50
    assert numbers(output, 0, 50) == [*range(500, 550)]


async def test_a_line_of_a_kind_that_is_not_known_here_is_shown_as_a_note(make: Make) -> None:
    buffer = OutputBuffer()
    buffer.append("1773151401042Zapp\x1fof a newer engine")
    buffer.append("in a form of tomorrow")
    write(buffer, 2, 3)
    output = make(Elsewhere(buffer))

    await output.fetch(0, 3)

    assert [OutputLine.decode(line) for line in output.read(0, 3)] == [
        OutputLine(1_773_151_401_042, OutputKind.NOTE, "app", "of a newer engine"),
        OutputLine(0, OutputKind.NOTE, "", "in a form of tomorrow"),
        OutputLine(1_002, OutputKind.INFO, "a", "line 2"),
    ]


async def test_of_lines_that_there_is_no_room_for_the_first_ones_come(make: Make) -> None:
    buffer = OutputBuffer(max_chars=100_000_000)
    for number in range(4_000):
        buffer.append(OutputLine(number, OutputKind.STDOUT, "", "x" * 20_000).encode())
    output = make(Elsewhere(buffer))

    await output.fetch(0, 4_000)

    assert len(output.read(0, 1_000)) == 1_000
