"""What several tasks use. A file whose name begins with `_` is never a task itself."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def project_path(text: str | Path) -> Path:
    """The path that a payload names: relative to the project; `~` is the home folder."""
    return PROJECT / Path(text).expanduser()


def human_size(count: float) -> str:
    """A number of bytes for people, such as `999 B`, `1.5 kB` or `12.0 GB`."""
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:.1f} TB"
