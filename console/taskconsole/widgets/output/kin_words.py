"""Who had to do with a run besides itself, in a line: what started it, what it started, who joined.

Every run that is named can be clicked on.
"""

from collections.abc import Callable, Iterator
from datetime import tzinfo

from textual.content import Content

from taskconsole import marks
from taskconsole.widgets.safe_text import make_safe
from taskengine.run import Run

_NAMED_AT_MOST = 3

RunOf = Callable[[int], Run | None]


def kin(run: Run, run_of: RunOf, zone: tzinfo) -> Content | None:
    """`started by #12 db:migrate · started #14 db:load ✓`; None for a run that stands alone.

    `run_of` gives a run as it stands now, None if it is not known here.
    """
    parts = list(_parts(run, run_of, zone))
    return Content(" · ").join(parts).stylize("$text-muted") if parts else None


def kin_of(run: Run) -> Iterator[int]:
    """The numbers of the runs that are named."""
    yield from (one for one in (run.parent_id, run.rerun_of) if one is not None)
    yield from run.children[-_NAMED_AT_MOST:]


def _parts(run: Run, run_of: RunOf, zone: tzinfo) -> Iterator[Content]:
    if run.parent_id is not None:
        yield Content("started by ") + _named(run.parent_id, run_of)
    if run.rerun_of is not None:
        yield Content("again for ") + _named(run.rerun_of, run_of)
    if run.children:
        latest = run.children[-_NAMED_AT_MOST:]
        named = Content(", ").join(_named(child, run_of) for child in latest)
        yield Content("started ") + named + _more(run.child_count - len(latest))
    if run.joined:
        latest_callers = run.joined[-_NAMED_AT_MOST:]
        callers = ", ".join(
            f"{caller.trigger} {caller.at.astimezone(zone):%H:%M:%S}" for caller in latest_callers
        )
        yield Content(f"joined by {callers}") + _more(run.joined_count - len(latest_callers))


def _more(number: int) -> Content:
    return Content(f" and {number} more" if number > 0 else "")


def _named(run_id: int, run_of: RunOf) -> Content:
    run = run_of(run_id)
    words = f"#{run_id}"
    if run is not None:
        words += f" {make_safe(run.task).plain} {marks.of_run(run).glyph}"
    return Content.from_markup(f"[@click=screen.show_run({run_id})]$words[/]", words=words)
