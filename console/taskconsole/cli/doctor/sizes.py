"""Sizes as people read them."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def size_in_words(size: float) -> str:
    """`0 bytes`, `124 kB`, `83.6 GB`: three digits and a unit."""
    unit = 0
    while size >= 999.5 and unit + 1 < len(_UNITS):
        size /= 1_000
        unit += 1
    return f"{size:.3g} {_UNITS[unit]}"
