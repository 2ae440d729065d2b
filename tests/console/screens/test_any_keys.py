"""Whatever is typed, at whatever size of the terminal, the console goes on."""

import asyncio
import random
import string
from collections.abc import Iterator

import pytest
from textual.events import Key
from textual.keys import _character_to_key

from support.console import Console, console_on
from support.project import Project

KEYS = [
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab"),
    *("enter", "escape", "backspace", "delete", "alt+up", "alt+down", "ctrl+home", "ctrl+end"),
    *(f"ctrl+{one}" for one in "aefjklpsu"),
    *(f"f{number}" for number in (1, 2, 3, 4, 5, 9)),
]
LEAVES = "q"
SIZES = [(1, 1), (4, 1), (30, 8), (59, 40), (60, 16), (76, 15), (80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize(
    "keys",
    [("ctrl+p", "pageup", "pagedown"), ("q", "pagedown", "escape"), ("2", "s", "pageup", "escape")],
    ids=["palette", "quit", "states"],
)
async def test_a_list_bears_a_terminal_without_any_room(
    shop: Project, keys: tuple[str, ...]
) -> None:
    async with console_on(shop) as console:
        await console.run("wait", "waiting")
        for size in ((4, 1), (1, 1), (120, 36)):
            await console.pilot.resize_terminal(*size)
            for key in keys:
                await console.press(key)
            await console.press("escape", "1")
        await console.sees("Tasks (6)")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
async def test_any_keys_at_any_size_do_no_harm(shop: Project, seed: int) -> None:
    shop.task("often.py", 'print("line\\n" * 300)', options='schedule="* * * * * *"')
    choices = random.Random(seed)
    async with console_on(shop) as console:
        for burst in range(150):
            for key in bursts(choices):
                console.app.post_message(key)
            if burst % 10 == 9:
                await console.pilot.resize_terminal(*choices.choice(SIZES))
            console.clock.advance(0.3)
            await asyncio.sleep(0)
            if console.app.return_code is not None:  # by the palette
                break
        else:
            await go_back(console)


def bursts(choices: random.Random) -> Iterator[Key]:
    for _ in range(choices.choice((1, 2, 8))):
        if choices.random() < 0.5:
            yield Key(choices.choice(KEYS), None)
        else:
            character = choices.choice(string.printable[:94].replace(LEAVES, ""))
            yield Key(_character_to_key(character), character)


async def go_back(console: Console) -> None:
    """To the main screen, where all is as it was."""
    await console.pilot.resize_terminal(120, 36)
    for _ in range(8):
        await console.press("escape")
    await console.press("1")
    await console.sees("Tasks (")
