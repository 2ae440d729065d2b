"""The streams that stand in for those of `sys`, in `context` mode."""

import asyncio.subprocess
import concurrent.futures
import contextlib
import contextvars
import io
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click
import pytest
from rich.console import Console

from support.capture import Writer, captured, new_output
from taskengine.capture import Capture
from taskengine.output import OutputKind

OUT, ERR = OutputKind.STDOUT, OutputKind.STDERR


@captured
def test_print_and_its_kin_go_to_the_run(writer: Writer) -> None:
    def body() -> None:
        print("print")
        print("error", file=sys.stderr)
        print("original", file=sys.__stdout__)
        print("original error", file=sys.__stderr__)
        sys.stdout.writelines(["several\n", "lines\n"])
        sys.stdout.buffer.write(b"bytes\n")

    writer.run(body)
    assert writer.kinds == [
        (OUT, "print"),
        (ERR, "error"),
        (OUT, "original"),
        (ERR, "original error"),
        (OUT, "several"),
        (OUT, "lines"),
        (OUT, "bytes"),
    ]


def test_what_belongs_to_no_run_goes_where_it_went_before(
    capsysbinary: pytest.CaptureFixture[bytes], writer: Writer
) -> None:
    with Capture(writer.output):
        print("host")
        print("host error", file=sys.stderr)
        sys.stdout.flush()
        sys.stdout.buffer.write(b"host bytes\n")
    assert capsysbinary.readouterr() == (b"host\nhost bytes\n", b"host error\n")
    assert writer.texts == []


def test_a_host_without_bytes_gets_text(monkeypatch: pytest.MonkeyPatch, writer: Writer) -> None:
    host = io.StringIO()
    monkeypatch.setattr(sys, "stdout", host)
    with Capture(writer.output):
        sys.stdout.buffer.write("für alle\n".encode())
    assert host.getvalue() == "für alle\n"


@captured
def test_a_run_writes_to_no_terminal(writer: Writer) -> None:
    assert writer.run(sys.stdout.isatty) is False
    assert writer.run(sys.stdout.buffer.isatty) is False
    assert sys.stdout.encoding == "utf-8"
    assert sys.stdout.writable()


@captured
def test_only_text_can_be_written_as_text(writer: Writer) -> None:
    def write(value: Any) -> None:
        sys.stdout.write(value)

    with pytest.raises(TypeError, match="must be str, not bytes"):
        writer.run(write, b"bytes")


@captured
def test_closing_a_stream_is_harmless(writer: Writer) -> None:
    def body() -> None:
        sys.stdout.close()
        sys.stdout.buffer.close()
        sys.stderr.close()

    writer.run(body)
    writer.run(print, "still here")
    assert writer.texts == ["still here"]


@captured
def test_a_stream_that_a_run_has_replaced_is_back_for_the_next(writer: Writer) -> None:
    with Capture(new_output()) as capture:
        writer.run(setattr, sys, "stdout", io.StringIO())
        capture.mend()
        writer.run(print, "back")
    assert writer.texts == ["back"]


NAMES = ["stdout", "stderr", "__stdout__", "__stderr__"]


@pytest.mark.parametrize("name", NAMES)
@captured
def test_a_stream_that_a_run_has_deleted_is_back_for_the_next(name: str, writer: Writer) -> None:
    with Capture(new_output()) as capture:
        writer.run(delattr, sys, name)
        capture.mend()
        writer.run(lambda: print("back", file=getattr(sys, name)))
    assert writer.texts == ["back"]


def _none() -> None:
    return None


def _closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("make", [_none, _closed])
@pytest.mark.parametrize("name", NAMES)
def test_what_can_not_be_written_to_leaves_the_earlier_stream_in_its_place(
    name: str, make: Callable[[], io.StringIO | None], writer: Writer
) -> None:
    before = getattr(sys, name)
    with Capture(new_output()) as capture:
        writer.run(setattr, sys, name, make())
        capture.mend()
        writer.run(lambda: print("of the run", file=getattr(sys, name)))
        assert getattr(sys, name).host is before
    assert writer.texts == ["of the run"]
    assert getattr(sys, name) is before


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_that_is_missing_at_the_end_is_put_back(name: str, writer: Writer) -> None:
    before = getattr(sys, name)
    with Capture(new_output()):
        writer.run(delattr, sys, name)
    assert getattr(sys, name) is before


def test_captures_leave_nothing_behind_for_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks: list[object] = []
    monkeypatch.setattr(os, "register_at_fork", lambda **hook: hooks.append(hook))
    with Capture(new_output()):
        pass
    assert hooks == []


@captured
def test_a_run_may_wrap_the_binary_stream(writer: Writer) -> None:
    def body() -> None:
        wrapped = io.TextIOWrapper(
            cast(Any, sys.stdout).detach(), encoding="utf-8", line_buffering=True
        )
        wrapped.write("wrapped\n")
        wrapped.close()
        cast(Any, sys.stdout).reconfigure(encoding="latin-1")
        print("ŵ")

    writer.run(body)
    assert writer.texts == ["wrapped", "ŵ"]


def test_a_stream_kept_from_before_the_end_leads_to_the_host(
    capsys: pytest.CaptureFixture[str], writer: Writer
) -> None:
    with Capture(writer.output):
        kept = sys.stdout
    print("afterwards", file=kept)
    assert capsys.readouterr().out == "afterwards\n"


@captured
def test_click_and_rich_write_to_the_run(writer: Writer) -> None:
    def body() -> None:
        click.echo("from click")
        click.echo("to error", err=True)
        click.echo(b"bytes from click")
        Console().print("[bold]from rich[/bold]")

    writer.run(body)
    assert writer.texts == ["from click", "to error", "bytes from click", "from rich"]


@captured
def test_the_run_is_that_of_the_code_that_writes_not_that_of_the_stream() -> None:
    first, second = Writer(), Writer()
    stream = first.run(lambda: sys.stdout)
    second.run(lambda: print("second", file=stream))
    assert (first.texts, second.texts) == ([], ["second"])


@captured
def test_a_redirection_inside_a_run_gets_only_that_runs_text() -> None:
    first, second = Writer(), Writer()
    caught = io.StringIO()

    def redirect() -> None:
        with contextlib.redirect_stdout(caught):
            print("caught")
            second.run(print, "of the second run")
        print("not caught")

    first.run(redirect)
    assert caught.getvalue() == "caught\n"
    assert first.texts == ["not caught"]
    assert second.texts == ["of the second run"]


def test_everything_is_the_same_object_as_before(writer: Writer) -> None:
    def state() -> list[object]:
        return [
            sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__,
            threading.Thread.start, concurrent.futures.ThreadPoolExecutor.submit,
            subprocess.Popen.__init__, subprocess.Popen.wait, subprocess.Popen.poll,
            asyncio.subprocess.Process.wait, os.system, warnings.showwarning,
            contextlib.redirect_stdout.__enter__, contextlib.redirect_stdout.__exit__,
            logging.Logger.callHandlers, logging.Handler.handle, threading.excepthook,
            sys.excepthook, sys.unraisablehook, logging.getLogger().level,
            *logging.getLogger().handlers, len(warnings.filters),
        ]  # fmt: skip

    before = state()
    with Capture(writer.output) as capture:
        capture.install()
        assert state() != before
    assert all(one is other for one, other in zip(state(), before, strict=True))
    capture.uninstall()
    assert all(one is other for one, other in zip(state(), before, strict=True))


def test_nothing_of_ours_is_left_open() -> None:
    def open_files() -> set[tuple[str, str]]:
        listed = Path("/proc/self/fd").iterdir()
        return {(one.name, os.path.realpath(one)) for one in listed if one.exists()}

    fds, threads = open_files(), threading.enumerate()
    writer = Writer()
    with Capture(writer.output):
        writer.run(lambda: subprocess.run(["sleep", "0"], check=True))
        assert [thread.name for thread in threading.enumerate() if thread not in threads] == [
            "taskengine output"
        ]
    assert open_files() <= fds  # what was there before may be closed meanwhile
    assert set(threading.enumerate()) <= set(threads)


@captured
def test_context_variables_other_than_ours_are_not_touched(writer: Writer) -> None:
    before = dict(contextvars.copy_context())
    writer.run(print, "x")
    assert dict(contextvars.copy_context()) == before
