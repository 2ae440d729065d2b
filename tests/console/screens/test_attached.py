"""A console that shows an engine elsewhere, over its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC

import pytest

from support.console import LOOK_EVERY, TUESDAY, Console, console_of, console_on, make_console
from support.cut_wire import wire_to
from support.events import Events
from support.kept_runs import keep, lines
from support.nitro_like import nitro_like
from support.past_runs import history_file, past_run
from support.project import Project
from support.reached import living
from support.served import serving
from taskconsole import commands, engine_start
from taskconsole.engine_start import EngineStart
from taskconsole.presets import preset_name
from taskconsole.screens.quit import QuitScreen
from taskconsole.take_over import TakesProject
from taskconsole.widgets.key_bar import KeyBar
from taskconsole.widgets.output.line_format import LineFormat
from taskconsole.widgets.output.log_view import LogView
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.client.nitro.handle import NitroHandle
from taskengine.client.remote.handle import RemoteHandle
from taskengine.history.folder import HistoryFolder
from taskengine.history.sqlite.project_history import ProjectHistory
from taskengine.http.server import Server
from taskengine.records import StateKind
from taskengine.testing import ManualClock


@dataclass
class Elsewhere:
    """An engine with a server, and a console that is attached to it."""

    engine: Engine
    server: Server
    console: Console


@pytest.fixture
async def engine(shop: Project) -> AsyncIterator[Engine]:
    shop.task("parent.py", 'await event.context.run_task("db:migrate", {"a": 1})')
    shop.task("large.py", 'print("large")\nreturn {"long": ["x" * 100_000], "z": "the end"}')
    engine = Engine(shop.root, clock=ManualClock(TUESDAY))
    events = Events(engine)
    await engine.start()
    await events.live()
    yield engine
    await engine.stop(0)


@asynccontextmanager
async def attached(
    engine: Engine, size: tuple[int, int] = (120, 36), project: TakesProject | None = None
) -> AsyncIterator[Elsewhere]:
    assert isinstance(engine.clock, ManualClock)
    async with serving(engine) as server:
        assert server.socket
        handle = RemoteHandle(server.socket, root=engine.root, clock=engine.clock)
        shown = console_of(handle, clock=engine.clock, size=size, project=project)
        async with shown as console:
            yield Elsewhere(engine, server, console)


async def test_runs_are_begun_watched_and_told_as_in_the_engines_own_console(
    engine: Engine,
) -> None:
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.sees("● live  ⇄ pid ", "cms", "▲ 1 problem")
        await console.run("db:cleanup", "looking", "✗ failed", "no connection")
        await console.sees("Traceback (most recent call last)", 'File "tasks/db/cleanup.py"')
        await console.run("large", "✓ done", "too large for a line")
        await console.press("tab", "tab", "right_square_bracket")
        await console.sees('"z": "the end"')
        await console.choose("wait")
        await engine.start_run("wait", {})
        await console.sees("wait  api  ◐ running", "1 running")
        await console.press("X")
        await console.sees("⊘ cancelled")


async def test_what_was_run_before_is_found(engine: Engine) -> None:
    await engine.run_task("parent")
    await engine.run_task("large")
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.press("2")
        await console.sees("Runs (3)")
        await console.press("enter")
        await console.sees("╭─ #3 large  api  ✓ done")
        await console.press("tab", "right_square_bracket")
        await console.sees('"z": "the end"')
        await console.press("escape", "end")
        await console.press("enter")
        await console.sees("╭─ #1 parent", "started #2 db:migrate ✓")
        await console.press("d")
        await console.sees("╭─ #2 db:migrate  task", "started by #1 parent ✓")
        await console.press("u")
        await console.sees("╭─ #1 parent")
        await console.press("escape", "space", "up", "c")
        await console.sees("#1 parent ✓ done", "#2 db:migrate ✓ done", "Payload ≠")


async def test_an_engine_that_is_away_is_told_of_and_comes_back(engine: Engine) -> None:
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.choose("db:migrate")
        await elsewhere.server.stop()
        await console.sees("✗ unreachable: ", "The engine does not answer", "trying again")
        assert " ? " in console.row("update")
        await console.press("r")
        await console.sees("▌ db:migrate", "does not answer: ")
        await console.press("2")
        await console.sees("▲ The engine at ", "looking …")
        await console.press("escape")
        async with serving(engine):
            await console.sees("● live  ⇄ pid ", "The engine is back", "in 0:39")
            await console.run("db:migrate", "✓ done")


async def test_an_engine_that_takes_long_to_answer_is_told_to_be_waited_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SLOW", 0.05)
    async with serving(engine) as server, wire_to(server.socket) as wire:
        handle = RemoteHandle(wire.path, clock=engine.clock)
        async with console_of(handle, clock=ManualClock(TUESDAY)) as console:
            await console.choose("db:migrate")
            with wire.held_up():
                await console.press("r")
                await console.sees("▌ db:migrate", "has not answered yet")
            await console.sees("db:migrate  manual  ✓ done")


async def test_leaving_asks_nothing_and_ends_nothing(engine: Engine) -> None:
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.run("wait", "◐ running")
        await console.press("q")
        assert not isinstance(console.app.screen, QuitScreen)
        await console.until(lambda: not console.app.is_running)
    assert [run.task for run in engine.active_runs()] == ["wait"]


async def test_what_is_typed_and_seen_is_kept_with_the_project(engine: Engine) -> None:
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.choose("db:migrate")
        await console.press("e")
        await console.type('"a": 1')
        await console.press("escape", "f8")
    assert '"a": 1' in engine.history.state.all(StateKind.DRAFT)["db:migrate"]
    async with attached(engine) as elsewhere:
        await elsewhere.console.sees("╭─ db:migrate ─", '{"a": 1}')
        assert elsewhere.console.app.theme == "taskconsole-light"


async def test_a_preset_of_one_console_is_there_in_the_other(engine: Engine) -> None:
    own, name = LocalHandle(engine), preset_name("db:migrate", "head")
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.choose("db:migrate")
        assert "Presets" not in console.text
        await own.keep(StateKind.PRESET, name, '{"target": "head"}')
        await console.sees("^o Presets")
        await own.keep(StateKind.DRAFT, "db:migrate", '{"typed": "there"}')
        await own.keep(StateKind.PRESET, name, None)
        await console.until(lambda: "^o Presets" not in console.text)
        assert "typed" not in console.text
        await elsewhere.server.stop()
        await console.sees("✗ unreachable: ")
        await own.keep(StateKind.PRESET, name, '{"target": "base"}')
        async with serving(engine):
            await console.sees("● live  ⇄ pid ", "^o Presets")
            await console.press("ctrl+o")
            await console.sees("base")


@pytest.mark.slow
async def test_lines_too_long_to_be_all_at_hand_are_wrapped(shop: Project) -> None:
    count = 1_200
    with history_file(HistoryFolder.prepare(shop.root).database) as connection:
        written = lines(*(f"{number:4} " + "x" * 30_000 for number in range(count)))
        keep(connection, past_run(1, task="wait"), written)
    engine = Engine(shop.root, clock=ManualClock(TUESDAY), history=ProjectHistory(shop.root))
    async with living(engine), attached(engine) as elsewhere:
        console = elsewhere.console
        await console.choose("wait")
        await console.sees("wait  manual  ✓ done", "1199 xxx")
        await console.press("tab", "tab", "w")
        view = console.app.main.query_one(LogView)
        rows = LineFormat(zone=UTC).height(written[0], view.scrollable_content_region.width)
        async with asyncio.timeout(80):
            while view.virtual_size.height < count * rows:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(LOOK_EVERY)
        await console.press("home")
        await console.sees("   0 xxx")


async def test_what_is_typed_while_the_engine_is_away_is_given_back(engine: Engine) -> None:
    async with attached(engine) as elsewhere:
        console = elsewhere.console
        await console.choose("db:migrate")
        await elsewhere.server.stop()
        await console.sees("✗ unreachable: ")
        await console.press("e")
        await console.type('"a": 2')
    assert console.app.unkept_drafts == {"db:migrate": '{"a": 2}'}


async def test_an_engine_is_started_here_once_the_other_has_ended(
    engine: Engine, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_start, "SOON", 0.5)
    start = EngineStart(shop.root)
    async with attached(engine, project=start) as elsewhere:
        console = elsewhere.console
        await console.choose("db:migrate")
        assert "Start engine" not in console.text
        await elsewhere.server.stop()
        await console.sees("If it has ended: f9 starts an engine here.", "f9 Start engine")
        await console.press("e")
        await console.type('"a": 2')
        await console.press("f9")
        await console.sees("No engine was started", "it lives and holds the project")
        await engine.stop(0)
        await console.press("f8", "f9")
        await console.until(lambda: not console.app.is_running)
    assert start.history
    async with console_on(
        shop,
        history=start.history,
        brought=console.app.in_hand,
        typing_at=console.app.typing_at,
        size=(80, 24),
    ) as after:
        await after.sees("╭─ db:migrate ─", '{"a": 2}', "● live")
        assert after.app.theme == "taskconsole-light"
        await after.until(lambda: not after.app.unkept_drafts)
        assert '"a": 2' in after.handle.kept(StateKind.DRAFT)["db:migrate"]
        await after.type(', "b": 3')
        await after.sees('{"a": 2, "b": 3}')


@pytest.mark.parametrize(("key", "seen"), [("2", "Runs (1)"), ("4", "╭─ 1 problem ─")])
async def test_the_screen_that_was_open_is_open_in_the_console_with_the_new_engine(
    engine: Engine, shop: Project, key: str, seen: str
) -> None:
    start = EngineStart(shop.root)
    await engine.run_task("db:migrate")
    async with attached(engine, project=start) as elsewhere:
        console = elsewhere.console
        await console.press(key)
        await console.sees(seen)
        await engine.stop(0)
        await elsewhere.server.stop()
        await console.sees("f9 Start engine")
        await console.press("f9")
        await console.until(lambda: not console.app.is_running)
    async with console_on(
        shop, history=start.history, brought=console.app.in_hand, opens=console.app.opens
    ) as after:
        await after.sees(seen)
        await after.press("escape")
        await after.sees("Tasks (8)", "● live")


async def test_what_was_typed_is_given_back_if_the_next_engine_does_not_start(
    shop: Project,
) -> None:
    history = ProjectHistory(shop.root)
    history.claim()
    brought = {StateKind.DRAFT: {"db:migrate": "[1", "wait": None}}
    app, _ = make_console(shop, brought=brought)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
    history.release()
    assert app.unkept_drafts == {"db:migrate": "[1"}


async def test_a_platforms_cron_is_named_where_it_fires(shop: Project) -> None:
    config = (shop.root / "taskconsole.toml").read_text(encoding="utf-8")
    shop.write("taskconsole.toml", f'scheduler = "external"\n{config}')
    async with console_on(shop) as console:
        await console.choose("cms:update")
        await console.press("right_square_bracket", "right_square_bracket")
        await console.sees("⇠ fired by a platform's cron", "A platform's cron is to call it (Eur")


async def test_what_nitro_can_not_do_is_grey_with_the_reason() -> None:
    async with nitro_like() as nitro, console_of(NitroHandle(nitro.url)) as console:
        await console.sees(f"● live  ⇄ Nitro {nitro.url}")
        await console.run("db:migrate", "✓ done")
        await console.press("p")
        await console.sees("Not possible here", "Nitro has no way to pause a schedule")
        await console.clear_toasts()  # they would cover what follows
        await console.choose("cms:update")
        await console.press("right_square_bracket", "right_square_bracket")
        await console.sees("No schedule: this task runs")
        assert "@task" not in console.text
        await console.press("right_square_bracket")
        await console.sees("Nitro's tasks have no options.")
        await console.press("question_mark")
        await console.sees("Pause the schedules of the chosen task", "Nitro has no way to pause")
        await console.press("escape")
        footer = console.text.splitlines()[-1]
        assert "a Run later" in footer
        column = footer.index("a Run later")
        await console.pilot.hover(offset=(column, 35))
        bar = console.app.screen.query_one(KeyBar)
        await console.until(lambda: "way to put off a run" in str(bar.tooltip))
