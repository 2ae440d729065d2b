"""Output over HTTP: ranges, the end, new lines as they come, and lines that hold a text."""

import asyncio
from typing import Any

import httpx

from support.event_stream import SOON, event_stream, lines_of
from support.project import Project
from support.served import Served, served
from taskengine.events import RunStarted
from taskengine.output import OutputLine

GAPPED = """
import hashlib
for n in range(event.payload['count']):
    print(n, hashlib.sha512(str(n).encode()).hexdigest())
"""
GATED = """
import asyncio
print('first')
for step in range(3):
    while event.context.extra['gate'] <= step:
        await asyncio.sleep(0.005)
    print(f'step {step}', end='' if step == 1 else '\\n', flush=True)
"""


async def part(client: httpx.AsyncClient, run: int, query: str = "") -> Any:
    answer = await client.get(f"/api/v1/runs/{run}/output?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(found: Any) -> list[str]:
    return [line[3] for line in found["lines"]]


async def all_lines(client: httpx.AsyncClient, run: int) -> dict[int, str]:
    """Everything that can be read, by number, a piece at a time."""
    found: dict[int, str] = {}
    start = 0
    while (piece := await part(client, run, f"start={start}"))["lines"]:
        assert piece["start"] >= start
        found.update(enumerate(texts(piece), piece["start"]))
        start = piece["start"] + len(piece["lines"])
    return found


async def test_lines_are_read_by_range_and_from_the_end(here: Served) -> None:
    run = await here.engine.start_run("lines", {"count": 22_000})
    await here.engine.wait(run.id)
    client = here.client

    whole = await all_lines(client, run.id)
    some = await part(client, run.id, "start=6990&stop=7000")
    last = await part(client, run.id, "tail=3")
    beyond = await part(client, run.id, "start=50000&wait=30")

    assert whole == {n: f"line {n}" for n in range(22_000)}
    assert len((await part(client, run.id))["lines"]) == 20_000
    assert (some["start"], texts(some)) == (6990, [f"line {n}" for n in range(6990, 7000)])
    assert (last["start"], texts(last)) == (21_997, ["line 21997", "line 21998", "line 21999"])
    assert last["extent"]["total"] == 22_000
    assert last["extent"]["gap_start"] == last["extent"]["gap_end"]
    assert (beyond["lines"], beyond["over"]) == ([], True)
    time, kind, logger, _ = last["lines"][0]
    assert (kind, logger) == ("o", "")
    assert run.queued_at.timestamp() * 1000 - 1 <= time


async def test_lines_may_come_as_strings(here: Served) -> None:
    run = await here.engine.start_run("lines", {"count": 300})
    await here.engine.wait(run.id)

    lists = await part(here.client, run.id, "start=7")
    strings = await part(here.client, run.id, "start=7&encoded=true")

    decoded = map(OutputLine.decode, strings["lines"])
    assert [[one.time, one.kind, one.logger, one.text] for one in decoded] == lists["lines"]
    assert strings == {**lists, "lines": strings["lines"]}


async def test_what_was_dropped_is_missing_by_range_and_by_stream_alike(project: Project) -> None:
    project.write("taskconsole.toml", '[history]\nmax_output = "1 MB"\n')
    project.task("gapped.py", GAPPED, kind="def")
    async with served(project) as here:
        run = await here.engine.start_run("gapped", {"count": 25_000})
        await here.engine.wait(run.id)
        await left_to_the_file(here.client, run.id)

        found = await all_lines(here.client, run.id)
        async with event_stream(here.client, f"?run={run.id}&output={run.id}") as stream:
            streamed = lines_of(await stream.rest(), run.id)
        extent = (await part(here.client, run.id))["extent"]
        kept = [*range(extent["gap_start"]), *range(extent["gap_end"], 25_000)]
        tail = await part(here.client, run.id, "tail=5000")

    assert 0 < extent["gap_start"] < extent["gap_end"] < 25_000
    assert list(found) == kept
    assert all(text.startswith(f"{number} ") for number, text in found.items())
    assert streamed == found
    assert tail["start"] == max(20_000, extent["gap_end"])
    assert tail["start"] + len(tail["lines"]) == 25_000


async def left_to_the_file(client: httpx.AsyncClient, run: int) -> None:
    """Wait until memory, which holds more of a run than is kept, has let go of it."""
    async with asyncio.timeout(SOON):
        while not dropped(await part(client, run, "tail=0")):
            pass


def dropped(found: Any) -> int:
    return int(found["extent"]["gap_end"] - found["extent"]["gap_start"])


async def test_new_lines_are_waited_for(project: Project) -> None:
    project.task("gated.py", GATED)
    gate = {"gate": 0}
    async with served(project) as here:
        running = asyncio.create_task(here.engine.run_task("gated", context=gate))
        run = (await here.events.next(RunStarted)).run.id
        first = await part(here.client, run, "wait=20")
        waiting = asyncio.create_task(part(here.client, run, "start=1&wait=20"))
        gate["gate"] = 1
        second = await waiting
        unfinished = asyncio.create_task(part(here.client, run, "start=2&wait=20&partial="))
        gate["gate"] = 2
        third = await unfinished
        at_once = await part(here.client, run, "start=2&wait=20&partial=other")
        none = await part(here.client, run, "start=2&wait=0.1&partial=step%201")
        end = asyncio.create_task(part(here.client, run, "start=2&wait=20&partial=step%201"))
        gate["gate"] = 3
        fourth = await end
        await running
        over = await part(here.client, run, "start=3&wait=20")

    assert (texts(first), texts(second)) == (["first"], ["step 0"])
    assert [(one["lines"], one["partial"]) for one in (third, at_once, none)] == [
        ([], "step 1")
    ] * 3
    assert texts(fourth) == ["step 1step 2"]
    assert (over["lines"], over["over"]) == ([], True)


async def test_a_text_is_looked_for(here: Served) -> None:
    run = await here.engine.start_run("lines", {"count": 3_000})
    await here.engine.wait(run.id)

    async def search(query: str) -> Any:
        return (await here.client.get(f"/api/v1/runs/{run.id}/search?{query}")).json()

    assert await search("text=LINE%20299") == {"lines": [299, *range(2990, 3000)], "next": None}
    assert await search("text=line%20299&backwards=true&limit=2") == {
        "lines": [2999, 2998],
        "next": 2997,
    }
    assert await search("text=line&start=10&limit=2") == {"lines": [10, 11], "next": 12}
    assert await search("text=nowhere") == {"lines": [], "next": None}
    empty = await here.client.get(f"/api/v1/runs/{run.id}/search?text=")
    assert (empty.status_code, empty.json()["message"]) == (
        400,
        "`text` must have a length of at least 1",
    )


async def test_lines_hold_whatever_a_task_wrote(project: Project) -> None:
    odd = ["\x1b[31mred\x1b[0m", "é😀\u2028x", "a" * 70_000, "<script>", '"\\']
    project.task("odd.py", f"for text in {odd!r}: print(text)")
    async with served(project) as here:
        run = await here.engine.start_run("odd")
        await here.engine.wait(run.id)
        by_range = texts(await part(here.client, run.id))
        async with event_stream(here.client, f"?run={run.id}&output={run.id}") as stream:
            streamed = lines_of(await stream.rest(), run.id)

    assert "".join(by_range) == "".join(odd)
    assert list(streamed.values()) == by_range


async def test_what_belongs_to_no_run_is_read_in_the_same_way(here: Served) -> None:
    here.engine._unowned.note("hello from nowhere")

    found = (await here.client.get("/api/v1/output?tail=1")).json()

    assert (found["lines"][0][1], found["lines"][0][3]) == ("n", "hello from nowhere")
    assert found["over"] is False


async def test_a_run_that_is_not_known_is_404(client: httpx.AsyncClient) -> None:
    for call in ("output", "search?text=x", "output?tail=5"):
        answer = await client.get(f"/api/v1/runs/12345/{call}")
        assert (answer.status_code, answer.json()["message"]) == (404, "Run #12345 is not known")
