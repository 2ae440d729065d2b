"""How one line of output is written."""

from datetime import UTC
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from taskconsole.widgets.output.levels import Threshold
from taskconsole.widgets.output.line_format import LineFormat, clock_time
from taskconsole.widgets.output.tracebacks import Frames
from taskconsole.widgets.output.wrapping import break_offsets, row_count
from taskengine.output import OutputKind, OutputLine

NOON = 1_798_113_600_000
FORMAT = LineFormat(UTC)


def line(kind: OutputKind, text: str, logger: str = "") -> str:
    return OutputLine(NOON + 7, kind, logger, text).encode()


@pytest.mark.parametrize(
    ("kind", "logger", "plain"),
    [
        (OutputKind.STDOUT, "", "12:00:00.007  text"),
        (OutputKind.STDERR, "", "12:00:00.007  2> text"),
        (OutputKind.DEBUG, "sql", "12:00:00.007  DEBUG    sql  text"),
        (OutputKind.INFO, "root", "12:00:00.007  INFO     text"),
        (OutputKind.WARNING, "alembic", "12:00:00.007  WARNING  alembic  text"),
        (OutputKind.ERROR, "", "12:00:00.007  ERROR    text"),
        (OutputKind.CRITICAL, "a\x1b[2Jb", "12:00:00.007  CRITICAL ab  text"),
        (OutputKind.NOTE, "", "12:00:00.007  ── text"),
    ],
)
def test_a_line_says_when_and_where_it_comes_from(
    kind: OutputKind, logger: str, plain: str
) -> None:
    assert FORMAT.text(line(kind, "text", logger)).plain == plain


def test_times_are_those_of_the_zone_that_is_asked_for() -> None:
    assert clock_time(NOON, UTC) == "12:00:00.000"
    assert clock_time(NOON + 999, ZoneInfo("Asia/Kolkata")) == "17:30:00.999"


def test_without_times_the_text_stands_at_the_edge() -> None:
    plain = LineFormat(UTC, timestamps=False)
    assert plain.text(line(OutputKind.STDOUT, "text")).plain == "text"
    assert plain.partial("text").plain == "text"


def test_what_is_not_yet_a_line_is_set_in_as_lines_are() -> None:
    assert FORMAT.partial("50%\r60%").plain == " " * 14 + "60%"


def test_indented_lines_of_one_record_do_not_repeat_their_level() -> None:
    first, second = line(OutputKind.ERROR, "Traceback"), line(OutputKind.ERROR, "  File")
    assert FORMAT.text(second, first).plain == " " * 23 + "  File"
    assert FORMAT.text(second).plain == "12:00:00.007  ERROR      File"
    assert FORMAT.text(first, second).plain == "12:00:00.007  ERROR    Traceback"


def test_printed_lines_always_have_their_time() -> None:
    printed = line(OutputKind.STDOUT, "  text")
    assert FORMAT.text(printed, printed).plain == "12:00:00.007    text"


TEXTS = st.text(st.sampled_from("ab 漢\t\x1b\r"), max_size=60) | st.text("ab ", max_size=60)


@given(text=TEXTS, kind=st.sampled_from(OutputKind), width=st.integers(1, 40))
def test_the_height_told_without_drawing_is_the_height_drawn(
    text: str, kind: OutputKind, width: int
) -> None:
    encoded = line(kind, text, "logger")
    drawn = FORMAT.text(encoded).plain
    rows = 1 + len(break_offsets(drawn, width, FORMAT.indent))
    assert FORMAT.height(encoded, width) == rows


@given(text=st.text(st.sampled_from("ab漢\u0301")), width=st.integers(2, 20))
def test_no_row_is_wider_than_the_view(text: str, width: int) -> None:
    offsets = [0, *break_offsets(text, width, 0), len(text)]
    rows = [text[start:end] for start, end in pairwise(offsets)]
    assert "".join(rows) == text
    assert all(cell_len(row) <= width for row in rows)


@pytest.mark.parametrize(("cells", "rows"), [(0, 1), (10, 1), (11, 2), (18, 2), (19, 3)])
def test_rows_after_the_first_are_set_in(cells: int, rows: int) -> None:
    assert row_count(cells, width=10, indent=2) == rows
    assert len(break_offsets("x" * cells, 10, 2)) + 1 == rows


FRAME = '  File "/project/tasks/a.py", line 12, in run'
RELATIVE = '  File "tasks/a.py", line 12, in run'
FROZEN = '  File "<frozen importlib._bootstrap>", line 3, in load'
FOREIGN = '  File "/usr/lib/python3.11/json/__init__.py", line 3, in loads'
INSTALLED = '  File "/project/.venv/lib/python3.11/site-packages/x.py", line 3, in x'


@pytest.mark.parametrize(
    ("body", "before", "found"),
    [
        (FRAME, "", [("log--own-frame", "/project/tasks/a.py", '", line 12, in run')]),
        (RELATIVE, "", [("log--own-frame", "tasks/a.py", '", line 12, in run')]),
        (FROZEN, "", [("log--foreign-frame", FROZEN, "")]),
        (FOREIGN, "", [("log--foreign-frame", FOREIGN, "")]),
        (INSTALLED, "", [("log--foreign-frame", INSTALLED, "")]),
        ("    connect()", FRAME, []),
        ("    return decode(s)", FOREIGN, [("log--foreign-frame", "    return decode(s)", "")]),
        ("    indented text", "", []),
        ("ValueError: wrong", "", [("log--exception", "ValueError", "")]),
        (
            "psycopg.errors.OperationalError: no",
            "",
            [("log--exception", "psycopg.errors.OperationalError", "")],
        ),
        ("  | KeyError: 'a'", "", [("log--exception", "  | KeyError", "")]),
        ("KeyboardInterrupt", "", [("log--exception", "KeyboardInterrupt", "")]),
        ("No Error: here", "", []),
    ],
)
def test_the_projects_own_frames_stand_out(
    body: str, before: str, found: list[tuple[str, str, str]]
) -> None:
    frames = Frames(Path("/project"))
    parts = [(name, body[start:end]) for name, start, end in frames.highlight(body, before)]
    assert parts == [(name, first + rest) for name, first, rest in found]


def test_without_a_root_no_frame_steps_back() -> None:
    assert [name for name, _, _ in Frames().highlight(FOREIGN, "")] == ["log--own-frame"]


@pytest.mark.parametrize(
    ("threshold", "kinds"),
    [
        (Threshold.ALL, set(OutputKind)),
        (Threshold.INFO, set(OutputKind) - {OutputKind.DEBUG}),
        (Threshold.WARNING, {*"eWECn"}),
        (Threshold.ERROR, {*"ECn"}),
    ],
)
def test_a_threshold_keeps_what_is_as_grave_and_what_the_engine_says(
    threshold: Threshold, kinds: set[str]
) -> None:
    assert {kind for kind in OutputKind if threshold.admits(line(kind, ""))} == kinds


def test_the_thresholds_come_round() -> None:
    threshold = Threshold.ALL
    labels = []
    for _ in Threshold:
        threshold = threshold.next()
        labels.append(threshold.label)
    assert labels == ["INFO and up", "WARNING and up", "ERROR and up", ""]
