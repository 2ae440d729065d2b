"""What the header says of the engine."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.content import Content

from support.widgets import staged
from taskconsole.widgets.header import HeaderBar, engine_text, going_on
from taskengine.client.views import EngineStatus
from taskengine.events import EngineState


def said(state: EngineState, **more: Any) -> Content:
    return engine_text(status(state, **more))


def status(
    state: EngineState,
    *,
    project: str = "shop",
    reason: str = "",
    scheduling: bool = True,
    address: str = "",
    url: str = "",
    pid: int | None = 123,
    external_schedule: bool = False,
) -> EngineStatus:
    return EngineStatus(
        state=state,
        project=project,
        root=Path("/shop"),
        tasks_dir=Path("/shop/tasks"),
        timezone="UTC",
        scheduling=scheduling,
        stop_grace=10.0,
        reason=reason,
        address=address,
        url=url,
        pid=pid,
        external_schedule=external_schedule,
    )


def test_a_living_engine_is_live() -> None:
    assert said(EngineState.LIVE) == Content.styled("● live", "$success")


def test_a_dead_engine_is_red_and_says_why_in_one_line() -> None:
    text = said(EngineState.DEAD, reason="watching failed:\nOSError: [Errno 24] \x1b[2J")
    assert text.plain.startswith("✗ dead: watching failed: OSError: [Errno 24]")
    assert "\x1b" not in text.plain


@pytest.mark.parametrize("reason", ["no room on C:\\", "a [b]bold[/b] claim", "[/]"])
def test_a_reason_is_no_markup(reason: str) -> None:
    text = said(EngineState.DEAD, reason=reason)
    assert text == Content.styled(f"✗ dead: {reason}", "bold $error")


@pytest.mark.parametrize(
    ("address", "pid", "place"),
    [
        ("/run/user/1000/taskconsole/1.sock", 123, "⇄ pid 123"),
        ("http://10.0.0.1:3000", 123, "⇄ http://10.0.0.1:3000"),
        ("http://localhost:3000", None, "⇄ Nitro http://localhost:3000"),
    ],
)
def test_an_engine_elsewhere_has_its_place(address: str, pid: int | None, place: str) -> None:
    assert said(EngineState.LIVE, address=address, pid=pid).plain == f"● live  {place}"


def test_an_own_engine_says_where_others_reach_it() -> None:
    assert said(EngineState.LIVE, url="http://127.0.0.1:1").plain == "● live  ⇆ http://127.0.0.1:1"


def test_an_engine_that_does_not_answer_says_why_in_short() -> None:
    reason = "The engine at /run/1.sock does not answer: nobody listens there; trying again"
    text = said(EngineState.UNREACHABLE, reason=reason, address="/run/1.sock", scheduling=False)
    assert text.plain == "✗ unreachable: nobody listens there  ⇄ pid 123"


def test_an_engine_whose_schedules_fire_from_outside_says_so() -> None:
    assert "fired by a platform's cron" in said(EngineState.LIVE, external_schedule=True).plain


def test_an_engine_that_only_looks_says_so() -> None:
    assert "not scheduling" in said(EngineState.LIVE, scheduling=False).plain
    assert "not scheduling" not in said(EngineState.LIVE).plain


@pytest.mark.parametrize(
    ("running", "waiting", "words"),
    [(0, 0, ""), (2, 0, "2 running"), (0, 1, "1 waiting"), (1, 1_200, "1 of 1,201 running")],
)
def test_a_run_that_waits_for_its_turn_is_not_said_to_run(
    running: int, waiting: int, words: str
) -> None:
    assert going_on(running, waiting) == words


async def test_the_zone_is_told_in_as_many_words_as_there_is_room_for_now() -> None:
    noon = datetime(2026, 7, 10, 12, tzinfo=UTC)
    async with staged(HeaderBar()) as stage:
        stage.widget.show_clock(noon, ZoneInfo("Europe/London"))
        await stage.pilot.resize_terminal(120, 36)
        await stage.sees("13:00:00 Europe/London")
        await stage.pilot.resize_terminal(80, 24)
        await stage.sees("13:00:00 BST")


async def test_what_is_known_anyway_gives_way_to_how_the_engine_is() -> None:
    noon = datetime(2026, 7, 10, 12, tzinfo=UTC)
    async with staged(HeaderBar()) as stage:
        stage.widget.query_one("#brand").display = False
        stage.widget.show_status(status(EngineState.LIVE, scheduling=False))
        stage.widget.show_clock(noon, ZoneInfo("Europe/London"))
        stage.widget.show_counts(running=1, waiting=199, failed=3, problems=2)
        await stage.pilot.resize_terminal(90, 24)
        await stage.sees("shop  ● live  ‖ not scheduling", "▲ 2 problems  13:00:00 BST")
        await stage.pilot.resize_terminal(76, 24)
        await stage.until(lambda: "13:00" not in stage.text)
        await stage.sees("shop  ● live  ‖ not schedul", "✗ 3 failed  ▲ 2 problems")
        await stage.pilot.resize_terminal(60, 24)
        await stage.sees("● live", "1 of 200 running  ✗ 3 failed  ▲ 2 problems")
        stage.widget.show_counts(running=0, waiting=0, failed=0, problems=0)
        await stage.sees("shop  ● live  ‖ not scheduling", "13:00:00 BST")


async def test_a_long_name_of_many_words_ends_with_dots() -> None:
    async with staged(HeaderBar(), (120, 24)) as stage:
        stage.widget.show_status(status(EngineState.LIVE, project="the shop " * 9))
        await stage.sees("taskconsole  the shop the shop the shop …  ● live")
