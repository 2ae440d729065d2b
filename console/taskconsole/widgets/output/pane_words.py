"""What stands in the border of the output pane: the run, the tabs, and how its log is looked at."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from taskconsole.formatting import format_count
from taskconsole.phrases import count
from taskconsole.widgets.output import run_words
from taskconsole.widgets.output.log_view import LogView
from taskengine.output import Output
from taskengine.run import Run


def title(run: Run | None, output: Output | None, now: datetime, width: int) -> Content:
    """The run, in so many cells if that can be; without one whose output it is, if there is any."""
    if run is not None:
        return run_words.title(run, now, width)
    return Content("Engine output" if output else "Output")


def tabs(names: Sequence[str], chosen: str) -> Content:
    """The tabs' names, to be clicked on."""
    labels = [
        Content.from_markup(f"[@click=show_tab('{name}')]{name.title()}[/]").stylize(
            "bold reverse" if name == chosen else ""
        )
        for name in names
    ]
    return Content("  ").join(labels)


def of_log(log: LogView) -> list[str]:
    """How a log is looked at, and how long it is."""
    return [*of_view(log), count(log.line_count, "line")]


def of_view(log: LogView) -> list[str]:
    """How a log is looked at: search, threshold, whether its end is followed."""
    return [of_search(log), log.threshold.label, "follow" if log.follow else ""]


def of_search(log: LogView) -> str:
    """How many hits there are, and which of them is the current one."""
    search = log.search
    if search is None:
        return ""
    hits = format_count(len(search.hits)) + ("" if search.is_complete else "…")
    position = search.position(log.current_hit) if log.current_hit is not None else 0
    return f"hit {format_count(position)} of {hits}" if position else f"{hits} hits"
