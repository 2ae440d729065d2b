"""Examples at the end of a help text."""


def examples(*calls: str) -> str:
    """Calls of `taskconsole`, without that word, one a line; for click's `epilog`."""
    unwrapped = "\b"  # click's mark of a paragraph that keeps its lines
    return "\n".join([unwrapped, "Examples:", *(f"  taskconsole {one}".rstrip() for one in calls)])
