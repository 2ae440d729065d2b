"""Time zones: which one counts, where their data come from, and whether these can be trusted."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from taskconsole.cli.doctor.finding import Finding
from taskengine.project.config import read_config
from taskengine.project.zone import default_timezone

_HOUR = timedelta(hours=1)
# Instants around a change of the clock, and one far ahead, with the offsets that hold there.
_KNOWN = (
    ("Europe/London", datetime(2024, 3, 31, 0, 59, tzinfo=UTC), 0 * _HOUR),
    ("Europe/London", datetime(2024, 3, 31, 1, 0, tzinfo=UTC), 1 * _HOUR),
    ("America/New_York", datetime(2024, 11, 3, 5, 59, tzinfo=UTC), -4 * _HOUR),
    ("America/New_York", datetime(2024, 11, 3, 6, 0, tzinfo=UTC), -5 * _HOUR),
    ("Asia/Kolkata", datetime(2024, 1, 1, tzinfo=UTC), 5.5 * _HOUR),
    ("Europe/London", datetime(2050, 7, 1, tzinfo=UTC), 1 * _HOUR),
)
_UPDATE = "update the package tzdata, and the system's zone data if it has some"


def look(root: Path) -> Iterator[Finding]:
    """The project's zone, the system's, and the data."""
    yield _projects(root)
    yield _systems()
    yield _data()
    yield _sanity()


def _projects(root: Path) -> Finding:
    config, problems = read_config(root)
    wrong = next((one for one in problems if "time zone" in one.message), None)
    name = config.timezone or default_timezone()
    now = datetime.now(ZoneInfo(name))
    text = f"{name}, where it is {now:%Y-%m-%d %H:%M:%S %Z}"
    if wrong:
        return Finding.fail("project's zone", f"{text}; {wrong.message}", wrong.hint)
    source = "the config's" if config.timezone else "this machine's: the config names none"
    return Finding.ok("project's zone", f"{text} ({source})")


def _systems() -> Finding:
    given = os.environ.get("TZ")
    name = default_timezone()
    if given and given.removeprefix(":") != name:
        advice = "set TZ to a name such as Europe/London, or set none"
        return Finding.warn("system's zone", f"{name}; TZ={given} names no zone", advice)
    return Finding.ok("system's zone", f"{name}{' (TZ)' if given else ''}")


def _data() -> Finding:
    folder = next((one for one in TZPATH if Path(one, "Europe", "London").is_file()), None)
    try:
        package = version("tzdata")
    except PackageNotFoundError:
        package = ""
    if folder is None and not package:
        return Finding.fail("zone data", "there are none", "pip install tzdata")
    parts = [f"{folder}{_version_in(folder)}"] if folder else []
    parts += [f"package tzdata {package}"] if package else []
    return Finding.ok("zone data", ", then ".join(parts))


def _version_in(folder: str) -> str:
    """The version that a folder of zone data says it is of, if it does."""
    try:
        with Path(folder, "tzdata.zi").open(encoding="utf-8") as file:
            first = file.readline().split()
    except (OSError, ValueError):
        return ""
    return f" {first[-1]}" if first[:2] == ["#", "version"] else ""


def _sanity() -> Finding:
    for name, instant, expected in _KNOWN:
        found = instant.astimezone(ZoneInfo(name)).utcoffset()
        if found != expected:
            text = f"{name} is {found} from UTC at {instant:%Y-%m-%d %H:%M} UTC, not {expected}"
            return Finding.fail("clock changes", text, _UPDATE)
    return Finding.ok("clock changes", "as they were and will be, in the zones that were tried")
