"""Small apps that host one widget, and outputs to show in it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from textual.app import App, ComposeResult
from textual.events import Key
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from support.screens import screen_text
from taskconsole.themes import THEMES
from taskengine.output import OutputBuffer, OutputKind, OutputLine

SAFETY_NET_SECONDS = 60
FRAME = 1 / 200
# A key may make a widget tell its parent, which turns to another widget, and so on.
_ROUNDS = 4
W = TypeVar("W", bound=Widget)
M = TypeVar("M", bound=Message)


class Host(App[None]):
    """An app with nothing in it but one widget."""

    CSS = "Screen { layout: vertical; }"

    def __init__(self, widget: Widget, theme: str = THEMES[0].name) -> None:
        super().__init__()
        self._widget = widget
        for own in THEMES:
            self.register_theme(own)
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield self._widget


class Stage(Generic[W]):
    """A widget on the screen of a test: what is seen, what it said, and keys for it."""

    def __init__(self, app: App[None], pilot: Pilot[None], widget: W, told: list[Message]) -> None:
        self.app = app
        self.pilot = pilot
        self.widget = widget
        self._told = told

    @property
    def text(self) -> str:
        """All that is on the screen."""
        return screen_text(self.app)

    def told(self, kind: type[M]) -> list[M]:
        """The messages of one kind so far, each once."""
        found = {id(message): message for message in self._told if isinstance(message, kind)}
        return list(found.values())

    async def press(self, *keys: str) -> None:
        """Type, and let everything settle."""
        for key in keys:
            self.app.post_message(Key(key, _character(key)))
            for _ in range(_ROUNDS):
                await self.pilot.pause(0)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let the app go on until something is so."""
        async with asyncio.timeout(SAFETY_NET_SECONDS):
            while not is_so():
                await self.pilot.pause(FRAME)

    async def sees(self, *texts: str) -> None:
        """Let the app go on until all these texts are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))


def _character(key: str) -> str | None:
    """What a key types, if it types something."""
    names = {"space": " ", "slash": "/"}
    return names.get(key, key if len(key) == 1 else None)


@asynccontextmanager
async def staged(widget: W, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage[W]]:
    """Run an app that hosts a widget, with the focus on it."""
    app = Host(widget)
    told: list[Message] = []
    async with app.run_test(size=size, message_hook=told.append) as pilot:
        widget.focus()
        await pilot.pause(0)
        yield Stage(app, pilot, widget, told)


def write_lines(
    output: OutputBuffer, *texts: str, kind: OutputKind = OutputKind.STDOUT, logger: str = ""
) -> None:
    """Add lines that are a millisecond apart."""
    for text in texts:
        time = output.extent.total
        output.append(OutputLine(time, kind, logger, text).encode())


def numbered_lines(output: OutputBuffer, count: int) -> None:
    """Add lines that say which one they are: `line 0`, `line 1`."""
    first = output.extent.total
    write_lines(output, *(f"line {number}" for number in range(first, first + count)))
