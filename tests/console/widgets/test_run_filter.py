"""What runs are filtered by, and the chips that tell it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.widgets import staged
from taskconsole.widgets.run_filter import Part, RunFilter, Span, beginning
from taskconsole.widgets.run_filter_bar import RunFilterBar
from taskengine.run import RunState, Trigger

NOW = datetime(2026, 7, 10, 14, 3, 21, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
HOSTILE = "\x1b[2J\u202e[red]"


@pytest.mark.parametrize(
    ("since", "instant"),
    [
        (Span.HOUR, NOW - timedelta(hours=1)),
        (Span.TODAY, datetime(2026, 7, 9, 23, tzinfo=UTC)),
        (Span.WEEK, NOW - timedelta(days=7)),
        (NOW, NOW),
        (None, None),
    ],
)
def test_a_span_begins_by_the_clock_of_the_zone(
    since: Span | datetime | None, instant: datetime | None
) -> None:
    assert beginning(since, NOW, LONDON) == instant


def test_every_part_of_a_filter_has_a_chip() -> None:
    wanted = RunFilter(
        task="db:migrate",
        states=frozenset({RunState.FAILED, RunState.TIMEOUT, RunState.CRASHED, RunState.DONE}),
        triggers=frozenset({Trigger.CLI}),
        since=NOW - timedelta(days=3),
        text=" no luck ",
    )
    assert list(wanted.chips(NOW, LONDON)) == [
        (Part.TASK, "db:migrate"),
        (Part.STATE, "crashed, done, 2 more"),
        (Part.TRIGGER, "cli"),
        (Part.TIME, "since 2026-07-07 15:03"),
        (Part.TEXT, "“no luck”"),
    ]
    assert wanted.query(NOW, LONDON).text == "no luck"


def test_a_text_without_a_word_is_not_asked_for_and_its_chip_says_why() -> None:
    wanted = RunFilter(text=" !!! ")
    assert wanted.query(NOW, LONDON).text == ""
    assert list(wanted.chips(NOW, LONDON)) == [(Part.TEXT, "“!!!” has no word")]


def test_a_chip_tells_both_ends_of_a_time() -> None:
    begin, end = NOW - timedelta(days=3), NOW - timedelta(days=1)
    chips = [
        dict(RunFilter(since=since, until=until).chips(NOW, LONDON))[Part.TIME]
        for since, until in [(begin, end), (None, end)]
    ]
    assert chips == ["2026-07-07 15:03 to yesterday 15:03", "until yesterday 15:03"]


async def test_chips_take_a_click_each_and_hostile_words_do_nothing() -> None:
    chips = list(RunFilter(task="a", text=HOSTILE).chips(NOW, LONDON))
    async with staged(RunFilterBar()) as stage:
        stage.widget.show(chips, "")
        await stage.sees("task: a ✕", "[red]”")
        await stage.pilot.click(RunFilterBar, offset=(4, 0))
        await stage.pilot.click(RunFilterBar, offset=(stage.text.index("✕"), 0))
        clicked = stage.told(RunFilterBar.Clicked)
        assert [(one.part, one.takes_away) for one in clicked] == [
            (Part.TASK, False),
            (Part.TASK, True),
        ]
        await stage.pilot.click(RunFilterBar, offset=(stage.text.index("all runs") + 1, 0))
        assert stage.told(RunFilterBar.Cleared)
