"""Presets: payloads that are kept by a name, picked, run and deleted."""

import pytest

from support.console import Console, console_on
from support.project import Project
from taskconsole.presets import preset_name
from taskengine.history.memory import MemoryHistory
from taskengine.records import StateKind

HEAD = '{"target": "head"}'


@pytest.fixture
async def history() -> MemoryHistory:
    """A history with two presets of `db:migrate`, and one of another task."""
    history = MemoryHistory()
    for task, name, text in (
        ("db:migrate", "head", HEAD),
        ("db:migrate", "staging", '{"target": "9f2c"}'),
        ("db:vacuum", "full", '{"full": true}'),
    ):
        await history.state.keep(StateKind.PRESET, preset_name(task, name), text)
    return history


def presets(console: Console) -> dict[str, str]:
    return dict(console.handle.kept(StateKind.PRESET))


async def type_payload(console: Console, text: str) -> None:
    await console.choose("db:migrate")
    await console.press("e", "f7")
    await console.type(text)


async def test_a_payload_is_kept_by_the_name_that_is_proposed(shop: Project) -> None:
    async with console_on(shop) as console:
        await type_payload(console, HEAD)
        await console.press("ctrl+s")
        await console.sees("Keep this payload of db:migrate", "head")
        await console.press("enter")
        await console.sees("kept as the preset “head”")
        assert presets(console) == {preset_name("db:migrate", "head"): HEAD}


async def test_a_payload_with_a_fault_is_no_preset(shop: Project) -> None:
    async with console_on(shop) as console:
        await type_payload(console, '{"target": }')
        await console.press("ctrl+s")
        await console.sees("nothing was kept", "✗ line 1, column 12")
        assert presets(console) == {}


async def test_another_preset_is_replaced_only_when_it_is_said_twice(
    shop: Project, history: MemoryHistory
) -> None:
    async with console_on(shop, history=history) as console:
        await type_payload(console, '{"target": "base"}')
        await console.press("ctrl+s", *"head")
        await console.sees("There is another preset “head”.")
        await console.press("enter")
        await console.sees("enter once more replaces “head”")
        await console.press("backspace", "d", "enter")  # as a name typed anew it is asked for again
        await console.sees("enter once more replaces “head”")
        assert presets(console)[preset_name("db:migrate", "head")] == HEAD
        await console.press("enter")
        await console.sees("kept as the preset “head”")
        assert presets(console)[preset_name("db:migrate", "head")] == '{"target": "base"}'


async def test_a_preset_is_put_into_the_editor_and_what_was_typed_comes_back(
    shop: Project, history: MemoryHistory
) -> None:
    async with console_on(shop, history=history) as console:
        await type_payload(console, '{"mine": 1}')
        await console.press("ctrl+o")
        await console.sees("2 presets of db:migrate", "head", "staging")
        await console.press("enter")
        await console.sees(HEAD, "the preset “head”")
        await console.press("alt+down")
        await console.sees('{"mine": 1}')
        await console.press("ctrl+z")
        await console.sees(HEAD)


async def test_a_preset_is_found_by_some_of_its_letters_and_run(
    shop: Project, history: MemoryHistory
) -> None:
    async with console_on(shop, history=history) as console:
        await console.choose("wait")
        await console.press("ctrl+o")
        assert "presets of" not in console.text, "there are none to pick from"
        await console.choose("db:migrate")
        await console.press("ctrl+o", "slash", *"stg")
        await console.until(lambda: "head  " not in console.text)
        await console.press("enter", "r")
        await console.sees('✓ result {"target": "9f2c"}')


async def test_a_preset_is_deleted_with_a_capital_letter(
    shop: Project, history: MemoryHistory
) -> None:
    async with console_on(shop, history=history) as console:
        await console.choose("db:migrate")
        await console.press("ctrl+o", "d")
        await console.sees("2 presets of db:migrate")
        await console.press("D")
        await console.sees("1 preset of db:migrate")
        assert preset_name("db:migrate", "head") not in presets(console)
        await console.press("D")
        await console.sees("0 presets of db:migrate", "there is no preset any more")
        await console.press("escape")
        assert set(presets(console)) == {preset_name("db:vacuum", "full")}


async def test_the_palette_tells_names_as_they_are_whatever_is_in_them(project: Project) -> None:
    project.task("odd[bold]/[red].py", "return None")
    project.task("İİx.py", "return None")
    history = MemoryHistory()
    kept = preset_name("odd[bold]:[red]", "no [/b] end")
    await history.state.keep(StateKind.PRESET, kept, "{}")
    async with console_on(project, history=history) as console:
        await console.press("ctrl+p")
        await console.type("run odd")
        await console.sees("Run odd[bold]:[red]", "Run odd[bold]:[red] with no [/b] end")
        await console.press("escape", "ctrl+p")
        await console.type("run x")
        await console.sees("Run İİx")


async def test_a_task_runs_with_a_preset_from_the_palette(
    shop: Project, history: MemoryHistory
) -> None:
    async with console_on(shop, history=history) as console:
        await console.press("ctrl+p")
        await console.type("with stag")
        await console.sees("Run db:migrate with staging")
        await console.press("enter")
        await console.sees("#1 db:migrate  manual", '✓ result {"target": "9f2c"}')
