"""The log of a run of an engine elsewhere, whose lines take their time."""

from support.late_output import LateOutput
from support.widgets import Stage, staged
from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pulse import Liveliness
from taskengine.output import OutputKind


def many(count: int) -> LateOutput:
    return LateOutput(*(f"line {number}" for number in range(count)))


def rows(stage: Stage[LogView]) -> list[str]:
    width = stage.widget.scrollable_content_region.width
    return [row[:width].strip() for row in stage.text.split("\n")]


async def test_a_mark_stands_for_a_line_until_it_has_come() -> None:
    output = many(100)
    async with staged(LogView(), size=(60, 10)) as stage:
        stage.widget.timestamps = False
        stage.widget.show(output, Liveliness.COMPLETE)
        await stage.until(lambda: rows(stage) == ["…"] * 10)
        output.let_come()
        await stage.until(lambda: rows(stage) == [f"line {number}" for number in range(90, 100)])
        assert all(len(lines) <= 11 for lines in output.asked)


async def test_what_is_on_the_screen_comes_before_what_was_scrolled_past() -> None:
    output = many(1_000)
    async with staged(LogView(), size=(60, 10)) as stage:
        stage.widget.show(output, Liveliness.COMPLETE)
        await stage.until(lambda: len(output.asked) == 1)
        await stage.press(*["pageup"] * 20, "home")
        output.let_come()
        await stage.sees("line 0", "line 9")
        assert sum(map(len, output.asked)) < 100


async def test_a_filter_waits_for_the_lines_that_it_is_about() -> None:
    output = LateOutput(*["careful"] * 12_000, kind=OutputKind.WARNING)
    async with staged(LogView(), size=(60, 10)) as stage:
        stage.widget.threshold = Threshold.WARNING
        stage.widget.wrap = True
        stage.widget.show(output, Liveliness.ENDED)
        await stage.until(lambda: bool(output.asked))
        assert stage.widget.virtual_size.height == 0
        output.let_come()
        await stage.until(lambda: stage.widget.virtual_size.height == 12_000)
        await stage.sees("careful")


async def test_the_place_is_kept_while_the_lines_before_it_come_again() -> None:
    output = many(3_000)
    output.let_come()
    async with staged(LogView(), size=(60, 10)) as stage:
        view = stage.widget
        view.timestamps = False
        view.show(output, Liveliness.ENDED)
        await stage.sees("line 2999")
        await stage.press(*["pageup"] * 5)
        await stage.until(lambda: rows(stage)[0] == "line 2945")
        output.hold_back()
        view.wrap = True
        await stage.until(lambda: view.virtual_size.height == 0)
        assert not view.follow
        output.let_come()
        await stage.until(lambda: view.virtual_size.height == 3_000)
        await stage.until(lambda: rows(stage)[0] == "line 2945")


async def test_a_search_finds_nothing_only_where_it_has_looked() -> None:
    output = LateOutput(*(f"hit {n}" if n % 1_000 == 0 else f"line {n}" for n in range(9_000)))
    async with staged(LogView(), size=(60, 10)) as stage:
        view = stage.widget
        view.show(output, Liveliness.ENDED)
        view.start_search("hit")
        await stage.until(lambda: bool(output.asked))
        assert view.search is not None
        assert not view.search.is_complete
        output.let_come()
        await stage.until(lambda: view.search is not None and view.search.is_complete)
        assert list(view.search.hits) == list(range(0, 9_000, 1_000))
        await stage.sees("hit 8000")


async def test_lines_that_drive_each_other_out_are_looked_at_all_the_same() -> None:
    texts = (f"hit {n}" if n % 500 == 0 else f"line {n}" for n in range(3_000))
    output = LateOutput(*texts, room=130)
    output.let_come()
    async with staged(LogView(), size=(60, 10)) as stage:
        view = stage.widget
        view.wrap = True
        view.show(output, Liveliness.ENDED)
        await stage.until(lambda: view.virtual_size.height == 3_000)
        view.start_search("hit")
        await stage.until(lambda: view.search is not None and view.search.is_complete)
        assert view.search is not None
        assert list(view.search.hits) == list(range(0, 3_000, 500))
    assert len(output.asked) < 3_000


async def test_an_engine_that_is_away_for_a_while_is_asked_again() -> None:
    output = many(5)
    async with staged(LogView(), size=(60, 10)) as stage:
        output.break_off()
        stage.widget.show(output, Liveliness.COMPLETE)
        await stage.until(lambda: bool(output.asked))
        output.let_come()
        await stage.sees("line 4")


async def test_a_log_is_copied_when_it_has_come_or_not_at_all() -> None:
    output = many(5)
    async with staged(LogView(), size=(60, 10)) as stage:
        stage.widget.show(output, Liveliness.COMPLETE)
        await stage.press("c")
        output.break_off()
        await stage.until(lambda: bool(stage.told(LogView.NotCopied)))
        assert stage.told(LogView.NotCopied)[0].why == "nobody answers"
        output.hold_back()
        await stage.press("c")
        assert stage.told(LogView.Copied) == []
        output.let_come()
        await stage.until(lambda: bool(stage.told(LogView.Copied)))
        assert "line 4" in stage.app.clipboard


async def test_another_log_is_not_held_up_by_the_one_before() -> None:
    async with staged(LogView(), size=(60, 10)) as stage:
        stage.widget.show(many(5), Liveliness.COMPLETE)
        await stage.sees("…")
        other = many(3)
        other.let_come()
        stage.widget.show(other, Liveliness.COMPLETE)
        await stage.sees("line 2")
        assert "line 4" not in stage.text
