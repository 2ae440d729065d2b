"""What an engine may be able to do for a screen, or not, by its kind."""

from enum import StrEnum


class Ability(StrEnum):
    """Something that not every kind of engine can do; a Nitro dev server, say, can't cancel."""

    CANCEL = "cancel"
    RERUN = "rerun"
    RUN_LATER = "run later"
    PAUSE = "pause"
    SCHEDULING = "scheduling"
    MISSED = "missed fires"
    OUTPUT = "output"
    HISTORY = "history"
    OPTIONS = "options"
    SOURCE = "source"
    EXAMPLE = "example"
    KEEP = "keep"
