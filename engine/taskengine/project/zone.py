"""The zone for schedules that name none."""

import os
import warnings
from zoneinfo import ZoneInfo

from tzlocal import get_localzone_name


def default_timezone() -> str:
    """The IANA name of the zone in `TZ`, else of the system's zone, else "UTC"."""
    return _environment_zone() or _system_zone() or "UTC"


def _is_timezone(name: str) -> bool:
    if not name:
        return False  # at once: what is not among the system's zones is looked for in packages
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _environment_zone() -> str | None:
    """`TZ` may also be a rule such as "EST5EDT4,M3.2.0": that names no zone and is passed over."""
    name = os.environ.get("TZ", "").removeprefix(":")
    return name if _is_timezone(name) else None


def _system_zone() -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            name = get_localzone_name()
        except (ValueError, OSError, KeyError):
            return None
    return name if _is_timezone(name or "") else None
