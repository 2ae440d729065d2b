"""A task's text as it may be drawn."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from taskconsole.widgets.safe_text import MAX_SHOWN, make_safe

PLAIN = [
    ("plain text", "plain text"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("\x9b31mred\x9b0m", "red"),
    ("clear\x1b[2J\x1b[H screen", "clear screen"),
    ("\x1b[?1049h\x1b[?25lmode", "mode"),
    ("\x1b]0;my title\x07after", "after"),
    ("\x1b]52;c;c3RvbGVu\x1b\\after", "after"),
    ("\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1bP1;2|device\x1b\\after", "after"),
    ("\x9d0;title\x9cafter", "after"),
    ("\x1b]never closed", ""),
    ("\x1bcreset", "reset"),
    ("\x1b(Bcharset", "charset"),
    ("a lone \x1b", "a lone \u241b"),
    ("unfinished \x1b[31", "unfinished "),
    ("bell\x07", "bell\u2407"),
    ("back\x08space", "back\u2408space"),
    ("zero\x00", "zero\u2400"),
    ("delete\x7f", "delete\u2421"),
    ("next\x85line", "next\ufffdline"),
    ("feed\x0b\x0c", "feed\u240b\u240c"),
    ("10%\r20%\r30%", "30%"),
    ("done\r", "done"),
    ("done\r\r", "done"),
    ("a\tb", "a       b"),
    ("漢字\tb", "漢字    b"),
    ("12345678\tb", "12345678        b"),
    ("turned \u202e around", "turned \ufffd around"),
    ("half \ud800", "half \ufffd"),
    ("line\u2028separator", "line\ufffdseparator"),
    ("\u2764\ufe0f", "\u2764"),
    ("a\u200d\u200b\ufeffb", "ab"),
]


@pytest.mark.parametrize(("text", "plain"), PLAIN)
def test_what_steers_a_terminal_is_left_out_or_made_visible(text: str, plain: str) -> None:
    assert make_safe(text).plain == plain


STYLES = [
    ("\x1b[31m", "color(1)"),
    ("\x1b[1;31m", "bold color(1)"),
    ("\x1b[91m", "color(9)"),
    ("\x1b[44m", "on color(4)"),
    ("\x1b[104m", "on color(12)"),
    ("\x1b[38;5;208m", "color(208)"),
    ("\x1b[48;5;24m", "on color(24)"),
    ("\x1b[38;2;1;2;3m", "#010203"),
    ("\x1b[38:2:1:2:3m", "#010203"),
    ("\x1b[38:2::1:2:3m", "#010203"),
    ("\x1b[38;5;1;4m", "color(1) underline"),
    ("\x1b[58;5;1;3m", "italic"),
    ("\x1b[4:3m", "underline"),
    ("\x1b[2;3;7;9m", "dim italic reverse strike"),
    ("\x1b[31;42;39m", "on color(2)"),
    ("\x1b[31;42;49m", "color(1)"),
    ("\x1b[31m\x1b[1m", "bold color(1)"),
]


@pytest.mark.parametrize(("sequence", "style"), STYLES)
def test_colours_and_attributes_are_kept(sequence: str, style: str) -> None:
    safe = make_safe(f"{sequence}text")
    assert safe.plain == "text"
    assert safe.spans == ((0, 4, Style.parse(style)),)


@pytest.mark.parametrize(
    "sequence", ["\x1b[5m", "\x1b[8m", "\x1b[38;5;999m", "\x1b[38;2;1m", "\x1b[999m", "\x1b[31;0m"]
)
def test_blinking_hiding_and_nonsense_change_nothing(sequence: str) -> None:
    assert make_safe(f"{sequence}text").spans == ()


def test_a_style_ends_where_it_is_reset() -> None:
    assert make_safe("a\x1b[31mb\x1b[0mc").spans == ((1, 2, Style.parse("color(1)")),)


def test_a_huge_line_is_cut_with_a_mark_that_says_how_much_is_missing() -> None:
    safe = make_safe("x" * 10_000_000)
    assert safe.plain == "x" * MAX_SHOWN + " … 9,990,000 more characters"


def test_a_cut_never_leaves_half_an_escape_sequence() -> None:
    safe = make_safe("x" * (MAX_SHOWN - 3) + "\x1b[31mred" + "y" * 100)
    assert safe.plain.startswith("x" * (MAX_SHOWN - 3) + " … ")


def test_a_huge_line_of_progress_shows_its_last_state() -> None:
    assert make_safe("working…\r" * 1_000_000 + "done").plain == "done"


HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from("\x1b\x9b[]();:?0123456789mhJKPX\\\x07\x9c\x90\r\n\t\x00\x08\x7f\x85"),
        st.sampled_from("a é漢\u0301\u200d\ufe0f\U0001f468\U0001f3fd\u202e\u2028\ufeff\ud800"),
        st.characters(),
    ),
    max_size=200,
)


@given(HOSTILE)
def test_no_control_character_ever_comes_through(text: str) -> None:
    plain = make_safe(text).plain
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", plain)
    plain.encode()


@given(HOSTILE)
def test_every_character_is_as_wide_as_the_whole_says(text: str) -> None:
    plain = make_safe(text).plain
    assert cell_len(plain) == sum(cell_len(character) for character in plain)
    assert all(unicodedata.bidirectional(character) not in _TURNING for character in plain)


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(HOSTILE)
def test_styles_stand_inside_the_text_and_in_order(text: str) -> None:
    safe = make_safe(text)
    ends = [0, *(point for start, end, _style in safe.spans for point in (start, end))]
    assert ends == sorted(ends)
    assert ends[-1] <= len(safe.plain)
