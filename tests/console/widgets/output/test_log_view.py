"""The log of a run, as it is seen and used."""

import re
import threading
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.segment import Segment
from textual.events import MouseScrollUp
from textual.geometry import Offset
from textual.selection import Selection

from support.widgets import Stage, numbered_lines, staged, write_lines
from taskconsole.widgets.output.log_view import LogView
from taskengine.output import OutputBuffer, OutputKind


def rows(stage: Stage[LogView]) -> list[str]:
    """The rows of the screen, up to the scroll bar."""
    width = stage.widget.scrollable_content_region.width
    return [row[:width].rstrip() for row in stage.text.split("\n")]


def top_row(stage: Stage[LogView]) -> str:
    return stage.text.split("\n")[0]


async def shown(stage: Stage[LogView], output: OutputBuffer) -> None:
    stage.widget.show(output)
    await stage.until(lambda: stage.widget.line_count == output.extent.total)


def has_searched(stage: Stage[LogView]) -> bool:
    return stage.widget.search is not None and stage.widget.search.is_complete


async def test_lines_appear_as_threads_write_them() -> None:
    output = OutputBuffer()
    async with staged(LogView()) as stage:
        stage.widget.show(output)
        threads = [threading.Thread(target=numbered_lines, args=(output, 1_000)) for _ in range(3)]
        for thread in threads:
            thread.start()
        await stage.until(lambda: stage.widget.line_count == 3_000)
        for thread in threads:
            thread.join()
        last = output.read(2_999, 3_000)[0].partition("\x1f")[2]
        await stage.sees(last)


async def test_the_end_is_followed_until_someone_scrolls_up() -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.sees("line 99")
        await stage.press("up")
        assert not stage.widget.follow
        numbered_lines(output, 100)
        await stage.until(lambda: stage.widget.line_count == 200)
        await stage.sees("line 98")
        assert "line 199" not in stage.text


async def test_end_follows_again() -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("home")
        await stage.sees("line 0")
        await stage.press("end")
        assert stage.widget.follow
        numbered_lines(output, 1)
        await stage.sees("line 100")


async def test_scrolling_down_to_the_end_follows_again() -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("pageup")
        assert not stage.widget.follow
        await stage.press("pagedown")
        assert stage.widget.follow


async def test_the_wheel_scrolls() -> None:
    output = OutputBuffer()
    numbered_lines(output, 100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.pilot._post_mouse_events([MouseScrollUp], offset=(5, 5))
        await stage.until(lambda: not stage.widget.follow)


async def test_the_same_line_stays_on_top_while_lines_are_dropped() -> None:
    output = OutputBuffer(max_lines=200, head_lines=10)
    numbered_lines(output, 200)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("pageup", "pageup")
        before = top_row(stage)
        numbered_lines(output, 50)
        await stage.until(lambda: stage.widget.line_count == 250)
        assert top_row(stage) == before


async def test_dropped_lines_are_one_row_that_says_how_many() -> None:
    output = OutputBuffer(max_lines=100, head_lines=3)
    numbered_lines(output, 12_345)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("home")
        await stage.sees("line 2", "… 12,245 lines dropped …", "line 12248")


async def test_what_is_not_yet_a_line_is_the_last_row() -> None:
    output = OutputBuffer()
    write_lines(output, "a line")
    output.partial = "50%"
    async with staged(LogView()) as stage:
        stage.widget.show(output)
        await stage.sees("50%")
        output.partial = "60%"
        await stage.sees("60%")
        assert "50%" not in stage.text
        output.partial = ""
        await stage.until(lambda: "60%" not in stage.text)


async def test_a_hidden_log_does_not_pull_and_a_shown_one_catches_up() -> None:
    output = OutputBuffer()
    async with staged(LogView()) as stage:
        stage.widget.show(output)
        stage.widget.display = False
        await stage.pilot.pause()
        numbered_lines(output, 10)
        stage.widget.pull()
        assert stage.widget.line_count == 0
        stage.widget.display = True
        await stage.sees("line 9")


async def test_times_can_be_hidden_and_are_in_the_zone_given() -> None:
    output = OutputBuffer()
    write_lines(output, "a line")
    async with staged(LogView(zone=ZoneInfo("Asia/Tokyo"))) as stage:
        await shown(stage, output)
        await stage.sees("09:00:00.000  a line")
        await stage.press("t")
        await stage.until(lambda: top_row(stage).startswith("a line"))


async def test_long_lines_are_cut_with_a_mark_or_wrapped() -> None:
    output = OutputBuffer()
    write_lines(output, "x" * 100 + "end", "next")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.sees("\u203a", "next")
        assert "end" not in stage.text
        await stage.press("w")
        await stage.sees("xend", "next")
        assert "\u203a" not in stage.text


async def test_long_lines_can_be_scrolled_sideways() -> None:
    output = OutputBuffer()
    write_lines(output, "x" * 100 + "end")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.sees("\u203a")
        await stage.until(lambda: stage.widget.max_scroll_x > 0)
        await stage.press(*["right"] * 6)
        await stage.sees("xend")


async def test_a_wrapped_log_is_wrapped_anew_at_another_width() -> None:
    output = OutputBuffer()
    write_lines(output, "x" * 100 + "end")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("w", "t")
        await stage.until(lambda: rows(stage)[:2] == ["x" * 79, "x" * 21 + "end"])
        await stage.pilot.resize_terminal(41, 10)
        await stage.until(lambda: rows(stage)[:3] == ["x" * 40, "x" * 40, "x" * 20 + "end"])


async def test_lesser_levels_can_be_hidden() -> None:
    output = OutputBuffer()
    write_lines(output, "printed")
    write_lines(output, "debugged", kind=OutputKind.DEBUG)
    write_lines(output, "warned", kind=OutputKind.WARNING)
    write_lines(output, "failed", kind=OutputKind.ERROR)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("l")
        await stage.until(lambda: "debugged" not in stage.text)
        await stage.sees("printed", "warned")
        await stage.press("l")
        await stage.until(lambda: "printed" not in stage.text)
        await stage.press("l")
        await stage.until(lambda: "warned" not in stage.text)
        await stage.sees("failed")
        await stage.press("l")
        await stage.sees("printed", "debugged", "warned", "failed")


async def test_a_filter_over_100_000_lines_is_taken_in_by_and_by() -> None:
    output = OutputBuffer()
    for number in range(100_000):
        kind = OutputKind.WARNING if number % 1_000 == 0 else OutputKind.DEBUG
        write_lines(output, f"line {number}", kind=kind)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("l")
        await stage.sees("line 99000")
        assert stage.widget.virtual_size.height == 100


async def test_a_search_goes_to_its_newest_hit_and_on_to_others() -> None:
    output = OutputBuffer()
    numbered_lines(output, 5_000)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        stage.widget.start_search("line 12")
        await stage.until(lambda: has_searched(stage))
        assert stage.widget.search is not None
        assert len(stage.widget.search.hits) == 111
        assert stage.widget.current_hit == 1299
        await stage.sees("line 1299")
        await stage.press("N")
        assert stage.widget.current_hit == 1298
        await stage.press("n", "n")
        assert stage.widget.current_hit == 12


async def test_hits_are_highlighted() -> None:
    output = OutputBuffer()
    write_lines(output, "one needle", "another needle", "hay")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        stage.widget.start_search("needle")
        await stage.until(lambda: stage.widget.current_hit == 1)
        strips = [stage.widget.render_line(y) for y in range(3)]
        marked = [[s.text for s in strip if s.text == "needle"] for strip in strips]
        assert marked == [["needle"], ["needle"], []]
        found = [next(s for s in strip if s.text == "needle") for strip in strips[:2]]
        assert found[0].style != found[1].style


async def test_an_empty_search_ends_the_search() -> None:
    output = OutputBuffer()
    write_lines(output, "needle")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        stage.widget.start_search("needle")
        await stage.until(lambda: stage.widget.current_hit == 0)
        stage.widget.start_search("")
        assert stage.widget.search is None
        assert stage.widget.current_hit is None


async def test_search_and_place_survive_another_way_of_showing() -> None:
    output = OutputBuffer()
    numbered_lines(output, 300)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        stage.widget.start_search("line 150")
        await stage.until(lambda: stage.widget.current_hit == 150)
        await stage.press("w", "t", "l")
        await stage.until(lambda: has_searched(stage))
        assert stage.widget.current_hit == 150
        await stage.sees("line 150")


async def test_slash_asks_for_a_search() -> None:
    async with staged(LogView()) as stage:
        await stage.press("slash")
        assert stage.told(LogView.SearchRequested)


async def test_the_whole_log_can_be_copied() -> None:
    output = OutputBuffer()
    write_lines(output, "one", "two")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("t", "c")
        assert stage.app.clipboard == "one\ntwo"
        assert [message.what for message in stage.told(LogView.Copied)] == ["2 lines"]


async def test_the_line_that_was_found_can_be_copied() -> None:
    output = OutputBuffer()
    write_lines(output, "one", "two", "three")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("t")
        stage.widget.start_search("tw")
        await stage.until(lambda: stage.widget.current_hit == 1)
        await stage.press("c")
        assert stage.app.clipboard == "two"


async def test_a_log_too_long_for_a_clipboard_is_not_copied() -> None:
    output = OutputBuffer()
    write_lines(output, *["x" * 1_000] * 1_100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("c")
        assert stage.app.clipboard == ""
        (message,) = stage.told(LogView.NotCopied)
        assert "too long for the clipboard" in message.why


async def test_what_the_mouse_selects_can_be_copied() -> None:
    output = OutputBuffer()
    write_lines(output, "first line", "second line")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("t")
        await stage.sees("first line")
        await stage.pilot.mouse_down(offset=(6, 0))
        await stage.pilot.hover(offset=(5, 1))
        await stage.pilot.mouse_up(offset=(5, 1))
        await stage.press("c")
        assert stage.app.clipboard == "line\nsecond"


async def test_a_selection_stays_on_its_lines_while_others_are_dropped() -> None:
    output = OutputBuffer(max_lines=100, head_lines=5)
    numbered_lines(output, 100)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.press("t")
        stage.app.screen.selections = {stage.widget: Selection(Offset(0, 90), Offset(7, 91))}
        numbered_lines(output, 50)
        await stage.until(lambda: stage.widget.line_count == 150)
        await stage.press("c")
        assert stage.app.clipboard == "line 90\nline 91"


async def test_a_line_of_ten_megabytes_is_shown_cut() -> None:
    output = OutputBuffer(max_chars=20_000_000)
    write_lines(output, "x" * 10_000_000, "next")
    async with staged(LogView()) as stage:
        await shown(stage, output)
        await stage.sees("next")
        await stage.press("w", "t")
        await stage.until(lambda: "9,990,000 more characters" in "".join(rows(stage)))


def segments(stage: Stage[LogView]) -> Iterable[Segment]:
    for y in range(stage.widget.size.height):
        yield from stage.widget.render_line(y)


async def test_nothing_a_task_writes_reaches_the_terminal_raw() -> None:
    output = OutputBuffer()
    everything = "".join(map(chr, range(0x100)))
    write_lines(output, everything, *(f"{chr(code)}x" for code in range(0xA0)))
    write_lines(output, "text", logger=everything, kind=OutputKind.INFO)
    output.partial = everything
    async with staged(LogView(), size=(120, 200)) as stage:
        await shown(stage, output)
        for key in ("w", "t"):
            await stage.press(key)
            assert not any(re.search("[\x00-\x1f\x7f-\x9f]", s.text) for s in segments(stage))
            assert not any(s.control for s in segments(stage))


async def test_every_row_is_as_wide_as_the_view() -> None:
    output = OutputBuffer()
    write_lines(output, "漢" * 100, "e\u0301" * 300, "\t" * 30, "a\tb", "👍🏽" * 50)
    async with staged(LogView()) as stage:
        await shown(stage, output)
        for keys in ((), ("right",), ("w",)):
            await stage.press(*keys)
            width = stage.widget.scrollable_content_region.width
            strips = [stage.widget.render_line(y) for y in range(20)]
            assert {strip.cell_length for strip in strips} == {width}
            assert {sum(s.cell_length for s in strip) for strip in strips} == {width}


async def test_another_output_is_shown_from_its_end() -> None:
    first, second = OutputBuffer(), OutputBuffer()
    numbered_lines(first, 100)
    write_lines(second, "another output")
    async with staged(LogView(root=Path("/project"))) as stage:
        await shown(stage, first)
        await stage.press("home")
        await shown(stage, second)
        await stage.sees("another output")
        assert stage.widget.follow
        stage.widget.show(None)
        await stage.until(lambda: "another output" not in stage.text)
