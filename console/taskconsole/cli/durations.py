"""Lengths of time as people type them in a command's options."""

import re
from datetime import timedelta

import click

from taskengine.project.option_error import OptionError
from taskengine.project.option_readers import read_duration

_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


def duration(text: str) -> timedelta:
    """A time, as durations are written in a config; a bare number is seconds."""
    try:
        return timedelta(seconds=read_duration(float(text) if _NUMBER.fullmatch(text) else text))
    except OptionError as error:
        raise click.BadParameter(f"it {error}") from None
