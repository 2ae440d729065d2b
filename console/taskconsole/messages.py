"""What parts of the console ask of the whole, wherever they stand."""

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from taskconsole.notices import Notice


@dataclass
class Told(Message):
    """The user is to be told something in passing."""

    notice: Notice


@dataclass
class PlaceRequested(Message):
    """A place in a file is to be opened in the user's editor; lines count from 1."""

    path: Path | None
    line: int | None


@dataclass
class WatchRequested(Message):
    """A run is to be shown, by its number."""

    run_id: int


class ViewChanged(Message):
    """What the console shows, and how, is another than before: worth keeping for the next start."""


class ZoomRequested(Message):
    """The output is to have the whole screen, or to give it back."""
