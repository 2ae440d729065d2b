"""Editing the payload of a task that names a type for it."""

import pytest
from textual.widgets import Static

from support.console import Console, console_on
from support.project import Project
from taskconsole.widgets.payload_tab import PayloadTab

CLEANUP = """
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from taskengine import TaskEvent, task


@dataclass
class Rule:
    days: Annotated[int, msgspec.Meta(ge=1, description="Files younger than that stay")] = 30


@dataclass
class Cleanup:
    folder: str
    rule: Rule
    mode: Literal["fast", "thorough"] = "fast"

    def __post_init__(self) -> None:
        if self.folder == "/":
            raise ValueError("that is everything")


@task(description="Cleans up")
def run(event: TaskEvent[Cleanup]) -> str:
    print("cleaning", event.payload.folder)
    return event.payload.mode
"""


@pytest.fixture
def shop(shop: Project) -> Project:
    shop.write("tasks/tidy.py", CLEANUP)
    return shop


def editor_text(console: Console) -> str:
    return console.app.main.query_one(PayloadTab).text


async def told(console: Console, line: str, words: str) -> None:
    """Wait until a line below the editor says so; on the screen it may be broken in two."""
    part = console.app.main.query_one(PayloadTab).query_one(line, Static)
    await console.until(lambda: words in str(part.content))


async def replace_with(console: Console, text: str) -> None:
    await console.press("e", "f7")
    await console.type(text)


async def test_the_editor_begins_with_what_the_type_wants_if_there_is_one(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await console.sees('"folder": ""', '"mode": "fast"', "✓ matches Cleanup")
        await console.choose("db:migrate")
        await console.sees("✓ valid JSON")
        assert editor_text(console) == "{}"


async def test_what_was_typed_stays_when_the_type_changes(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await console.sees("✓ matches Cleanup")
        await replace_with(console, '{"folder": "/srv", "rule": {}, "n')
        shop.write(
            "tasks/tidy.py",
            CLEANUP.replace("class Cleanup", "class Sweep").replace("[Cleanup]", "[Sweep]"),
        )
        await console.sees("reloaded tidy")
        assert editor_text(console).startswith('{"folder": "/srv"')


async def test_what_nobody_touched_follows_the_type(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await console.sees("✓ matches Cleanup")
        shop.write(
            "tasks/tidy.py", CLEANUP.replace("folder: str", "where: str").replace("folder", "where")
        )
        await console.sees('"where": ""')


async def test_a_payload_runs_once_it_matches_and_until_then_its_faults_are_shown(
    shop: Project,
) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await replace_with(console, '{"folder": "/srv", "rule": {"days": "x"}}')
        await told(console, "#validity", "✗ line 1, column 29: rule.days: ")
        await console.press("f7")
        await console.type('{"folder": "/", "rule": {}}')
        await told(console, "#validity", "that is everything")
        await console.press("f7")
        await console.type('{"folder": "/srv", "rule": {"days": 0}}')
        await console.press("f5")
        await console.sees("Nothing was run.")
        await told(console, "#validity", "✗ line 1, column 29: rule.days")
        assert not await console.runs_of("tidy")
        assert console.app.main.query_one(PayloadTab).editor.cursor_location == (0, 28)
        await console.press("f7")
        await console.type('{"folder": "/srv", "rule": {}, "mode": "thorough"}')
        await console.press("f5")
        await console.sees("cleaning /srv", '✓ result "thorough"')


async def test_the_field_at_the_cursor_is_described(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await replace_with(console, '{"folder": "/srv", "rule": {"days": 3')
        words = "rule.days: whole number, by default 30 · Files younger than that stay"
        await told(console, "#field", words)
        await console.press("backspace", "7", "right_curly_bracket", "comma")
        await told(console, "#field", "it may also have mode")


async def test_keys_and_values_are_completed_one_after_the_other(shop: Project) -> None:
    async with console_on(shop) as console:
        await console.choose("tidy")
        await console.sees("✓ matches Cleanup")
        await replace_with(console, '{"m')
        await console.press("ctrl+@")
        assert editor_text(console) == '{"mode": '
        await console.press("ctrl+@", "ctrl+@")
        first = editor_text(console)
        await console.press("ctrl+@")
        assert {first, editor_text(console)} == {'{"mode": "fast"', '{"mode": "thorough"'}
