"""Searching an output while it grows and shrinks."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.search import LINES_AT_ONCE, Search
from taskengine.output import Output, OutputBuffer, OutputKind, OutputLine


def add(output: OutputBuffer, text: str, kind: OutputKind = OutputKind.STDOUT) -> None:
    output.append(OutputLine(0, kind, "", text).encode())


def begun(output: OutputBuffer, query: str, threshold: Threshold = Threshold.ALL) -> Search:
    return Search(query, output.extent.total, threshold.admits)


def finished(search: Search, output: Output) -> Search:
    for _ in count():
        search.advance(output)
        if search.is_complete:
            return search
    raise AssertionError


def output_of(*texts: str) -> OutputBuffer:
    output = OutputBuffer()
    for text in texts:
        add(output, text)
    return output


def hits(output: OutputBuffer, query: str) -> list[int]:
    return list(finished(begun(output, query), output).hits)


def test_small_letters_find_capitals_but_capitals_find_only_themselves() -> None:
    output = output_of("an Error", "an error", "nothing")
    assert hits(output, "error") == [0, 1]
    assert hits(output, "Error") == [0]


def test_a_query_is_text_and_no_pattern() -> None:
    assert hits(output_of("a.b", "axb"), "a.b") == [0]


def test_colours_do_not_hide_a_word() -> None:
    assert hits(output_of("\x1b[1mfa\x1b[31miled\x1b[0m"), "failed") == [0]


def test_the_time_of_a_line_is_not_its_text() -> None:
    assert hits(output_of("a line"), "000") == []


def test_loggers_are_searched_too() -> None:
    output = OutputBuffer()
    output.append(OutputLine(0, OutputKind.INFO, "alembic.runtime", "upgraded").encode())
    assert hits(output, "alembic") == [0]


def test_lines_below_the_threshold_are_no_hits() -> None:
    output = OutputBuffer()
    add(output, "failed softly", OutputKind.DEBUG)
    add(output, "failed", OutputKind.ERROR)
    search = finished(begun(output, "failed", Threshold.WARNING), output)
    assert list(search.hits) == [1]


def test_the_newest_lines_are_searched_first() -> None:
    output = output_of(*["hit"] * (2 * LINES_AT_ONCE + 1))
    search = begun(output, "hit")
    search.advance(output)
    assert search.hits[-1] == 2 * LINES_AT_ONCE
    assert search.hits[0] == LINES_AT_ONCE + 1
    assert not search.is_complete


def test_lines_that_come_later_are_found_as_well() -> None:
    output = output_of("hit")
    search = finished(begun(output, "hit"), output)
    add(output, "hit")
    search.advance(output)
    assert list(search.hits) == [0, 1]


def test_the_hits_are_gone_round() -> None:
    output = output_of("hit", "no", "hit", "no")
    search = finished(begun(output, "hit"), output)
    assert search.next_hit(0) == 2
    assert search.next_hit(2) == 0
    assert search.previous_hit(2) == 0
    assert search.previous_hit(0) == 2
    assert [search.position(line) for line in range(4)] == [1, 0, 2, 0]


def test_where_nothing_is_found_there_is_nowhere_to_go() -> None:
    output = output_of("no")
    search = finished(begun(output, "hit"), output)
    assert search.next_hit(0) is None
    assert search.previous_hit(0) is None


@given(
    before=st.lists(st.booleans(), max_size=60),
    after=st.lists(st.booleans(), max_size=60),
)
def test_the_hits_are_those_of_the_lines_that_are_left(
    before: list[bool], after: list[bool]
) -> None:
    output = OutputBuffer(max_lines=20, head_lines=5)
    for is_hit in before:
        add(output, "hit" if is_hit else "no")
    search = begun(output, "hit")
    search.advance(output)
    for is_hit in after:
        add(output, "hit" if is_hit else "no")
    finished(search, output)
    search.advance(output)
    extent = output.extent
    left = [*range(extent.gap_start), *range(extent.gap_end, extent.total)]
    written = before + after
    assert list(search.hits) == [line for line in left if written[line]]
