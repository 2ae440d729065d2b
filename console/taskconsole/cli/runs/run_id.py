"""The numbers of runs as people type them: `17`, or `#17` as it is told to them."""

import re

import click

_NUMBER = re.compile(r"#?(?P<number>[0-9]{1,19})")
_LARGEST = 2**63 - 1  # that a history has room for


def run_id(text: str) -> int:
    """The number of a run."""
    found = _NUMBER.fullmatch(text)
    number = int(found["number"]) if found else 0
    if not 0 < number <= _LARGEST:
        raise click.BadParameter(f"{text!r} is no number of a run, such as 17")
    return number
