"""Where something was written, for people."""

from functools import lru_cache
from pathlib import Path


def place_in(root: Path, path: Path | None, line: int | None) -> str:
    """The path below the project's root, with the line; empty if the file is not known."""
    if path is None:
        return ""
    return f"{_below(root, path)}:{line}" if line else _below(root, path)


@lru_cache(maxsize=4096)
def _below(root: Path, path: Path) -> str:
    """Asked for every option of every task, and slower than the rest of making a catalog."""
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
