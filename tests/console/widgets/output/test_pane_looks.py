"""What the output pane looks like. `make snapshots` accepts a new look."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from support.outputs import RUNNING, done, failed, mixed_output
from support.widgets import SAFETY_NET_SECONDS, Host
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane
from taskengine.output import OutputBuffer
from taskengine.run import JsonValue, Progress, Run

Snap = Callable[..., bool]
Prepare = Callable[[Pilot[None]], Awaitable[None]]
THEMES = ["taskconsole-dark", "taskconsole-light"]
RESULT: JsonValue = {
    "result": "Success",
    "applied": [{"revision": "a1f0", "seconds": 0.52}, {"revision": "b7c2", "seconds": 1.9}],
    "skipped": [],
    "next": None,
}


def showing(pane: OutputPane, run: Run, *keys: str, then: Run | None = None) -> Prepare:
    """Show a run with mixed output, maybe as it ended then, and type some keys."""

    async def prepare(pilot: Pilot[None]) -> None:
        output = mixed_output()
        pane.show_run(run, output)
        pane.focus()
        await has_read(pilot, pane, output)
        if then:
            pane.update_run(then)
        await pilot.press(*keys)
        await has_told(pilot, pane)

    return prepare


async def has_read(pilot: Pilot[None], pane: OutputPane, output: OutputBuffer) -> None:
    log = pane.query_one("#logs", LogView)
    async with asyncio.timeout(SAFETY_NET_SECONDS):
        while log.line_count < output.extent.total:
            await pilot.pause()


async def has_told(pilot: Pilot[None], pane: OutputPane) -> None:
    """Wait until the words around the log are up to date with it."""
    await pilot.pause()
    async with asyncio.timeout(SAFETY_NET_SECONDS):
        while pane.is_stale:
            await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("theme", THEMES)
def test_a_run_that_goes_on(snap_compare: Snap, pane: OutputPane, theme: str) -> None:
    run = replace(RUNNING, progress=Progress(done=420, total=1_000, message="table users"))
    prepare = showing(pane, run)
    assert snap_compare(Host(pane, theme), terminal_size=(110, 26), run_before=prepare)


@pytest.mark.parametrize("theme", THEMES)
def test_a_run_that_failed(snap_compare: Snap, pane: OutputPane, theme: str) -> None:
    prepare = showing(pane, RUNNING, "right_square_bracket", then=failed())
    assert snap_compare(Host(pane, theme), terminal_size=(110, 16), run_before=prepare)


@pytest.mark.parametrize("theme", THEMES)
def test_a_result(snap_compare: Snap, pane: OutputPane, theme: str) -> None:
    prepare = showing(pane, RUNNING, "right_square_bracket", then=done(RESULT))
    assert snap_compare(Host(pane, theme), terminal_size=(110, 16), run_before=prepare)


def test_a_search(snap_compare: Snap, pane: OutputPane) -> None:
    prepare = showing(pane, RUNNING, "slash", *"on")
    assert snap_compare(Host(pane), terminal_size=(110, 26), run_before=prepare)


def test_a_narrow_pane(snap_compare: Snap, pane: OutputPane) -> None:
    prepare = showing(pane, RUNNING, then=failed())
    assert snap_compare(Host(pane), terminal_size=(80, 24), run_before=prepare)


def test_a_narrow_pane_with_wrapped_lines(snap_compare: Snap, pane: OutputPane) -> None:
    prepare = showing(pane, RUNNING, "w", "l")
    assert snap_compare(Host(pane), terminal_size=(80, 24), run_before=prepare)


def test_an_empty_pane(snap_compare: Snap, pane: OutputPane) -> None:
    assert snap_compare(Host(pane), terminal_size=(80, 10))
