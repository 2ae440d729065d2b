"""What is around: the terminal, the encoding, and the limits of the system."""

import locale
import os
import resource
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from taskconsole.cli.doctor.finding import Finding

_COLUMNS, _LINES = 80, 24
_FEW_FILES, _TOO_FEW_FILES = 1_024, 128
_FEW_WATCHES, _FEW_INSTANCES = 8_192, 64
_INOTIFY = Path("/proc/sys/fs/inotify")


def look(root: Path) -> Iterator[Finding]:  # noqa: ARG001 - every room is asked alike
    """The terminal and the limits."""
    yield from _terminal(os.environ)
    yield _encoding()
    yield _files()
    if sys.platform == "linux":
        yield _watches()


def _terminal(environ: Mapping[str, str]) -> Iterator[Finding]:
    kind = environ.get("TERM", "")
    if not any(stream.isatty() for stream in (sys.stdout, sys.stderr)):
        yield Finding.ok("terminal", "none here; the console needs one")
        return
    if kind in {"", "dumb", "unknown"}:
        text = f"TERM is {kind or 'not set'}: the console can't draw"
        yield Finding.fail("terminal", text, "set TERM to what the terminal is: xterm-256color")
        return
    columns, lines = shutil.get_terminal_size()
    text = f"{kind}, {columns} columns by {lines} lines, {_colours(kind, environ)}"
    if columns < _COLUMNS or lines < _LINES:
        advice = f"make it {_COLUMNS} by {_LINES} or larger for the console"
        yield Finding.warn("terminal", text, advice)
    else:
        yield Finding.ok("terminal", text)


def _colours(kind: str, environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "all colours"
    return "256 colours" if "256" in kind else "16 colours"


def _encoding() -> Finding:
    name = locale.getencoding()
    if name.lower().replace("-", "") == "utf8":
        return Finding.ok("encoding", name)
    advice = "set LANG or LC_ALL to a UTF-8 locale, such as C.UTF-8"
    return Finding.warn("encoding", f"{name} lacks characters that are shown", advice)


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return Finding.ok("open files", "no limit")
    text = f"{soft:,} at a time"
    most = "unlimited" if hard == resource.RLIM_INFINITY else f"{hard:,}"
    advice = f"ulimit -n 4096 (up to {most}), before the engine starts"
    if soft < _TOO_FEW_FILES:
        return Finding.fail("open files", text, advice)
    if soft < _FEW_FILES:
        return Finding.warn("open files", text, advice)
    return Finding.ok("open files", text)


def _watches() -> Finding:
    watches, instances = _number("max_user_watches"), _number("max_user_instances")
    if watches is None or instances is None:
        return Finding.warn("file watching", "no inotify here", "changes may go unnoticed")
    text = f"{watches:,} folders, {instances:,} programs"
    if watches < _FEW_WATCHES or instances < _FEW_INSTANCES:
        advice = "sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=512"
        return Finding.warn("file watching", text, advice)
    return Finding.ok("file watching", text)


def _number(name: str) -> int | None:
    try:
        return int((_INOTIFY / name).read_text())
    except (OSError, ValueError):
        return None
