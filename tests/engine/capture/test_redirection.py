"""A run that puts other streams in the places of `sys.stdout` does so for itself alone."""

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TextIO, cast

import pytest

from support.capture import Writer, captured, new_output
from taskengine.capture import Capture


class Tee:
    """Writes to two streams, as many scripts do."""

    def __init__(self, one: TextIO, other: TextIO) -> None:
        self._streams = (one, other)

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()


@captured
def test_what_is_assigned_to_stdout_gets_the_runs_text_and_no_others() -> None:
    first, second = Writer(), Writer()
    caught = io.StringIO()

    def body() -> None:
        before = sys.stdout
        sys.stdout = caught
        print("caught")
        second.run(print, "of the second run")
        assert sys.stdout.getvalue() == "caught\n"
        sys.stdout = before
        print("not caught")

    first.run(body)
    assert caught.getvalue() == "caught\n"
    assert (first.texts, second.texts) == (["not caught"], ["of the second run"])


@captured
def test_a_tee_writes_to_both(writer: Writer) -> None:
    copy, inner = io.StringIO(), io.StringIO()

    def body() -> None:
        before = sys.stdout
        sys.stdout = cast(TextIO, Tee(sys.stdout, copy))
        print("assigned")
        sys.stdout.flush()
        sys.stdout = before
        with contextlib.redirect_stdout(cast(TextIO, Tee(sys.stdout, inner))):
            print("redirected")

    writer.run(body)
    assert writer.texts == ["assigned", "redirected"]
    assert (copy.getvalue(), inner.getvalue()) == ("assigned\n", "redirected\n")


@captured
def test_a_wrapper_around_the_binary_stream_may_be_put_in_its_place(writer: Writer) -> None:
    def body() -> None:
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
        print("größe")
        sys.stdout.buffer.write(b"bytes\n")
        sys.stdout.buffer.raw.write(b"raw\n")

    writer.run(body)
    assert writer.texts == ["größe", "bytes", "raw"]


@captured
def test_a_stream_may_be_assigned_away(writer: Writer, tmp_path: Path) -> None:
    def body() -> None:
        sys.stdout = None
        print("nowhere")
        sys.stdout = sys.__stdout__
        with (tmp_path / "log").open("w") as file:
            sys.stdout = file
            print("in a file")
            sys.stdout.buffer.write(b"bytes in a file\n")
        sys.stdout = sys.__stdout__
        print("here")

    writer.run(body)
    assert writer.texts == ["here"]
    assert "in a file" in (tmp_path / "log").read_text()


@captured
def test_a_redirection_to_nowhere_silences(writer: Writer) -> None:
    def body() -> None:
        with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
            print("nowhere")
            print("nowhere", file=sys.stderr)
            sys.stdout.buffer.write(b"nowhere\n")
            sys.stdout.flush()

    writer.run(body)
    assert writer.texts == []


@captured
def test_the_original_streams_are_not_redirected(writer: Writer) -> None:
    def body() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            print("original", file=sys.__stdout__)

    writer.run(body)
    assert writer.texts == ["original"]


@captured
def test_one_stream_may_lead_to_the_other(writer: Writer) -> None:
    def body() -> None:
        with contextlib.redirect_stdout(sys.stderr):
            print("error")
        sys.stderr = sys.stdout
        print("out", file=sys.stderr)

    writer.run(body)
    assert writer.kinds == [("e", "error"), ("o", "out")]


@captured
def test_a_nested_redirection_ends_where_the_outer_one_goes_on(writer: Writer) -> None:
    outer, inner = io.StringIO(), io.StringIO()

    def body() -> None:
        with contextlib.redirect_stdout(outer):
            with contextlib.redirect_stdout(cast(TextIO, Tee(sys.stdout, inner))):
                print("both")
            print("outer")

    writer.run(body)
    assert (outer.getvalue(), inner.getvalue()) == ("both\nouter\n", "both\n")


@captured
def test_text_of_a_class_of_its_own_is_taken_as_its_characters(writer: Writer) -> None:
    class Markup(str):
        __slots__ = ()

        def __radd__(self, other: str) -> str:
            raise AssertionError

        def split(self, *_: object) -> list[str]:
            raise AssertionError

    writer.run(sys.stdout.write, "a ")
    writer.run(sys.stdout.write, Markup("<b>\n"))
    assert writer.texts == ["a <b>"]


def test_the_module_is_as_before_when_the_last_capture_has_ended() -> None:
    with Capture(new_output()), Capture(new_output()):
        assert type(sys) is not ModuleType
    assert type(sys) is ModuleType


@captured
def test_a_stream_knows_nothing_that_its_run_did_not_put_there(writer: Writer) -> None:
    with pytest.raises(AttributeError, match="getvalue"):
        writer.run(lambda: cast(io.StringIO, sys.stdout).getvalue())


@captured
def test_a_child_inherits_the_runs_output_whatever_is_assigned(writer: Writer) -> None:
    def body() -> None:
        sys.stdout = io.StringIO()
        subprocess.run(["echo", "child"], check=True)

    writer.run(body)
    assert writer.texts == ["child"]
