"""The guides of docs/: their fenced blocks, and their tables."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
NAMES = tuple(sorted(path.name for path in DOCS.glob("*.md")))
_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"# (\S+\.(?:py|toml))\n")


@dataclass(frozen=True)
class Block:
    """A fenced block. `path` is what a comment in its first line says, if it is a file."""

    language: str
    text: str

    @property
    def path(self) -> str | None:
        found = _PATH.match(self.text)
        return found[1] if found else None


def text_of(guide: str) -> str:
    return (DOCS / guide).read_text(encoding="utf-8")


def blocks(guide: str) -> list[Block]:
    """All fenced blocks of a guide, in their order."""
    return [Block(*found) for found in _FENCED.findall(text_of(guide))]


def files(guide: str) -> dict[str, str]:
    """The files that a guide writes, by path."""
    named = [(block.path, block.text) for block in blocks(guide) if block.path]
    assert len(dict(named)) == len(named), f"{guide} writes a file twice"
    return dict(named)


def programs(guide: str) -> list[tuple[str, str]]:
    """The Python blocks that are no files, each with what it prints: the text block after it."""
    return [
        (block.text, after.text if after.language == "text" else "")
        for block, after in pairwise([*blocks(guide), Block("", "")])
        if block.language == "python" and block.path is None
    ]


def table(guide: str, heading: str) -> list[list[str]]:
    """The rows, without the titles, of the first table below a heading; code marks taken away."""
    _, _, below = text_of(guide).partition(f"\n{heading}\n")
    rows = re.search(r"^\|.*?(?=\n[^|]|\n\n|\Z)", below, re.MULTILINE | re.DOTALL)
    assert rows, f"{guide} has no table below {heading!r}"
    _, _, *lines = rows.group().splitlines()
    return [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in lines]
