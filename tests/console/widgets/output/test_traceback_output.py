"""The traceback of a failed run among the lines that the run wrote."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from support.outputs import RUNNING, TRACEBACK, done, failed
from support.widgets import numbered_lines
from taskconsole.widgets.output.reading import read_numbered
from taskconsole.widgets.output.traceback_output import OutputWithInsertion, with_traceback
from taskengine.output import Output, OutputBuffer, OutputLine
from taskengine.run import RunState


def texts(output: Output) -> list[str]:
    return [OutputLine.decode(line).text for line in output.read(0, output.extent.total)]


def test_a_traceback_comes_after_what_the_run_wrote() -> None:
    output = OutputBuffer()
    numbered_lines(output, 2)
    read = with_traceback(failed(), output)
    assert texts(read) == ["line 0", "line 1", *TRACEBACK.split("\n")]


def test_the_projects_files_are_called_by_their_paths_in_it() -> None:
    read = texts(with_traceback(failed(), OutputBuffer(), Path("/project")))
    assert read[1] == '  File "tasks/db/migrate.py", line 12, in run'


def test_what_is_written_later_comes_after_the_traceback() -> None:
    output = OutputBuffer()
    numbered_lines(output, 1)
    read = with_traceback(failed(), output)
    numbered_lines(output, 1)
    output.partial = "50%"
    assert texts(read) == ["line 0", *TRACEBACK.split("\n"), "line 1"]
    assert read.partial == "50%"


def test_only_a_failure_has_a_traceback_to_tell() -> None:
    output = OutputBuffer()
    assert with_traceback(RUNNING, output) is output
    assert with_traceback(done(1), output) is output
    assert with_traceback(replace(failed(), state=RunState.CANCELLED), output) is output


@given(before=st.integers(0, 40), after=st.integers(0, 40), start=st.integers(0, 60))
def test_every_line_that_is_left_is_read_under_its_own_number(
    before: int, after: int, start: int
) -> None:
    output = OutputBuffer(max_lines=20, head_lines=5)
    numbered_lines(output, before)
    read = OutputWithInsertion(output, [f"{0:013}E\x1fput in"] * 3)
    numbered_lines(output, after)
    written = [f"line {number}" for number in range(before + after)]
    whole = written[:before] + ["put in"] * 3 + written[before:]
    extent = read.extent
    assert extent.total == len(whole)
    assert extent.kept in {output.extent.kept, output.extent.kept + 3}
    found = dict(read_numbered(read, extent, start, extent.total))
    left = [*range(extent.gap_start), *range(extent.gap_end, extent.total)]
    assert list(found) == [line for line in left if line >= start]
    assert all(OutputLine.decode(text).text == whole[line] for line, text in found.items())
