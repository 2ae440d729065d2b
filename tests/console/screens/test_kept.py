"""What of the console is there again after it was closed, or killed."""

import pytest
from textual.app import ComposeResult

from support.console import Console, console_on
from support.project import Project
from taskconsole import app
from taskconsole.console_state import NAME, read
from taskconsole.screens.main import MainScreen
from taskconsole.themes import DARK, LIGHT
from taskconsole.widgets.fire_list import FireList
from taskconsole.widgets.output import OutputPane
from taskconsole.widgets.payload_tab import PayloadTab
from taskengine.history.memory import MemoryHistory
from taskengine.records import StateKind


def kept(console: Console, kind: StateKind) -> dict[str, str]:
    return dict(console.handle.kept(kind))


async def test_what_is_typed_is_kept_while_the_console_goes_on(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type("[half")
        await console.until(lambda: kept(console, StateKind.DRAFT) == {"db:migrate": "[half"})
        await console.press("f7")
        await console.type("{}")
        await console.until(lambda: kept(console, StateKind.DRAFT) == {})


async def test_what_was_typed_last_is_kept_on_the_way_out_and_there_again(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type('{"n": 7')
        await console.sees('{"n": 7')
    async with console_on(shop, history=history) as console:
        await console.choose("db:migrate")
        await console.sees('{"n": 7', "✗ line 1")


async def test_the_list_comes_back_as_it_was_left(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.choose("db:vacuum")
        await console.press("h", "h", "down", "f8", "right_square_bracket")
        assert "migrate" not in console.text
    async with console_on(shop, history=history) as console:
        assert "migrate" not in console.text
        assert console.row("wait").startswith("│▌")
        assert console.app.theme == LIGHT.name
        await console.press("s")
        await console.until(lambda: "sorted by next fire" in console.text)
    async with console_on(shop, history=history) as console:
        await console.sees("sorted by next fire", "╭─ wait")
        assert console.app.query_one("DetailPanel #Runs").display


async def test_a_filter_comes_back_with_its_line(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.press("slash")
        await console.type("cu")
        await console.press("enter", "down")
        chosen = console.app.main._chosen_row.path
    async with console_on(shop, history=history) as console:
        await console.sees("Tasks (3/6)")
        assert console.app.main._chosen_row.path == chosen
        assert console.app.main._table.has_focus
        await console.press("slash")
        await console.type("p")
        await console.sees("Tasks (2/6)", "cup")


async def test_the_filter_of_the_runs_comes_back(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.run("cms:update", "✓ done")
        await console.press("2", "b", "down", "enter")
        await console.sees("begun by: schedule ✕")
    async with console_on(shop, history=history) as console:
        await console.press("2")
        await console.sees("begun by: schedule ✕", "No run is like that.")
        await console.press("backspace")
        await console.sees("Runs (1)")
    async with console_on(shop, history=history) as console:
        await console.press("2")
        await console.sees("Runs (1)", "all runs · only some")


async def test_the_output_comes_back_with_the_whole_screen(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.run("cms:update", "✓ done")
        await console.press("z")
    async with console_on(shop, history=history) as console:
        await console.sees("fetching 12 pages")
        assert "Tasks" not in console.text
        assert console.app.query_one(OutputPane).has_focus_within
        await console.press("escape")
        await console.sees("Tasks (6)")


async def test_what_is_kept_of_the_console_may_be_broken(shop: Project) -> None:
    history = MemoryHistory()
    await history.state.keep(StateKind.CONSOLE, NAME, '{"theme": "nord", "order": 1, "tab": "x"}')
    async with console_on(shop, history=history) as console:
        assert console.app.theme == DARK.name
        await console.press("down")
        await console.until(lambda: read(kept(console, StateKind.CONSOLE)[NAME]).theme == DARK.name)


async def test_payloads_of_an_earlier_console_are_one_key_away(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.choose("db:migrate")
        await console.press("e", "f7")
        await console.type('{"target": "head"}')
        await console.press("f5")
        await console.sees('✓ result {"target": "head"}')
        await console.press("f7")
        await console.type('{"mine": 1}')
    async with console_on(shop, history=history) as console:
        await console.choose("db:migrate")
        await console.press("e", "alt+up")
        await console.sees('"target": "head"')
        await console.press("alt+up")
        await console.sees("there is no older payload")
        assert kept(console, StateKind.DRAFT) == {"db:migrate": '{"mine": 1}'}
        await console.press("ctrl+z")
        await console.sees('{"mine": 1}')


async def test_without_earlier_payloads_the_key_says_so(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("db:migrate")
        await console.press("e", "alt+up")
        await console.sees("no payload was given yet")
        assert console.app.query_one(PayloadTab).text == "{}"


async def test_what_the_past_adds_up_to_is_there_at_once(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.run("cms:update", "✓ done")
        await console.sees("▂  100 % of 1 run")
        await console.press("r")
        await console.sees("▂▂  100 % of 2 runs")
    async with console_on(shop, history=history) as console:
        await console.choose("cms:update")
        assert "▂▂  100 % of 2 runs" in console.text


async def test_past_fires_are_listed_and_lead_to_their_runs(shop: Project) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.choose("cms:update")
        await console.press("right_square_bracket", "right_square_bracket")
        console.clock.advance(39)
        await console.sees("Recent fires", "✓ 14:04:00  #1 done 0ms  0ms late")
    async with console_on(shop, history=history) as console:
        await console.choose("db:cleanup")
        await console.choose("cms:update")
        await console.sees("✓ 14:04:00  #1 done 0ms  0ms late")
        console.app.query_one(FireList).focus()
        await console.press("enter")
        await console.sees("╭─ #1 cms:update  schedule", "fetching 12 pages")


async def test_the_theme_that_was_left_is_there_before_anything_is_painted(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = MemoryHistory()
    async with console_on(shop, history=history) as console:
        await console.press("f8")
    themes: list[str] = []

    class WatchedScreen(MainScreen):
        def compose(self) -> ComposeResult:
            themes.append(self.app.theme)
            return super().compose()

    monkeypatch.setattr(app, "MainScreen", WatchedScreen)
    monkeypatch.setattr(app, "FIRST_PICTURE", 20.0)
    async with console_on(shop, history=history):
        assert themes == [LIGHT.name]
