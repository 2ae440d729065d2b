"""Amounts of memory as people write and read them: "512MB", "1GiB"."""

import re
from collections.abc import Mapping

# SI's prefixes are powers of 1000, those of IEC 80000-13 (with the i) powers of 1024.
_UNITS: Mapping[str, int] = {
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGT", start=1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", start=1)},
}
_BY_NAME = {name.lower(): size for name, size in _UNITS.items()} | {"bytes": 1}
_SIZE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,9}))? *([a-z]+)")


def parse_size(text: str) -> int:
    """The bytes of a text such as "512MB" (512,000,000) or "1.5 GiB" (1,610,612,736).

    Raises ValueError for anything else.
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None or found[3] not in _BY_NAME:
        raise ValueError(f"no amount of memory: {text[:40]!r}")
    whole, fraction, size = found[1], found[2] or "", _BY_NAME[found[3]]
    divisor: int = 10 ** len(fraction)
    return int(whole + fraction) * size // divisor


def size_in_words(size: int) -> str:
    """The same for people, to the byte, in the unit that takes the smallest number."""
    fitting = [(size // unit, name) for name, unit in _UNITS.items() if size % unit == 0]
    count, name = min(fitting)
    return f"{count} {name}"
