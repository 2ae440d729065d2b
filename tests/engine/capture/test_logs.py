"""Log records and warnings, in `context` mode."""

import io
import logging
import logging.config
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest
from rich.logging import RichHandler

from support.capture import Writer, captured, new_output
from taskengine.capture import Capture
from taskengine.capture.logs import task_logger
from taskengine.output import OutputKind

LOG = logging.getLogger("shop.orders")


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    heard = [one for one in loggers if not one.disabled]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for logger in heard:
        logger.disabled = False
    LOG.handlers.clear()
    LOG.propagate = True
    LOG.setLevel(logging.NOTSET)


@captured
def test_a_record_is_a_line_with_level_and_logger(writer: Writer) -> None:
    writer.run(LOG.warning, "%d left", 3)
    assert [(line.kind, line.logger, line.text) for line in writer.lines] == [
        (OutputKind.WARNING, "shop.orders", "3 left")
    ]


@captured
def test_every_level_has_its_kind(writer: Writer) -> None:
    LOG.setLevel(1)
    for level in (5, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, 45, 50, 99):
        writer.run(LOG.log, level, "x")
    assert "".join(kind for kind, _ in writer.kinds) == "DDIWEECC"


@captured
def test_a_traceback_is_part_of_its_record(writer: Writer) -> None:
    def fail() -> None:
        try:
            raise ValueError("no such order")
        except ValueError:
            LOG.exception("it failed")

    writer.run(fail)
    assert writer.texts[0] == "it failed"
    assert writer.texts[-1] == "ValueError: no such order"
    assert {kind for kind, _ in writer.kinds} == {OutputKind.ERROR}


@captured
def test_a_handler_on_the_captured_stream_does_not_double_lines(writer: Writer) -> None:
    def configure_and_log() -> None:
        logging.basicConfig(stream=sys.stderr, force=True)
        LOG.addHandler(logging.StreamHandler())
        LOG.addHandler(RichHandler())
        LOG.warning("once")

    writer.run(configure_and_log)
    assert writer.kinds == [(OutputKind.WARNING, "once")]


@captured
def test_other_handlers_get_the_record_as_ever(writer: Writer) -> None:
    elsewhere = io.StringIO()
    LOG.addHandler(logging.StreamHandler(elsewhere))
    writer.run(LOG.warning, "to both")
    assert (elsewhere.getvalue(), writer.texts) == ("to both\n", ["to both"])


@captured
def test_a_logger_that_draws_on_the_stream_itself_is_taken_as_records(writer: Writer) -> None:
    LOG.propagate = False
    LOG.addHandler(logging.StreamHandler(sys.stdout))
    writer.run(LOG.error, "not as text")
    assert writer.kinds == [(OutputKind.ERROR, "not as text")]


@captured
def test_a_logger_that_was_led_away_is_left_alone(writer: Writer) -> None:
    LOG.propagate = False
    LOG.addHandler(logging.StreamHandler(io.StringIO()))
    writer.run(LOG.error, "to the file only")
    assert writer.texts == []


@captured
def test_a_users_own_configuration_takes_nothing_away(writer: Writer) -> None:
    def configure_and_log() -> None:
        logging.config.dictConfig(
            {"version": 1, "disable_existing_loggers": False, "root": {"handlers": []}}
        )
        LOG.warning("still seen")

    writer.run(configure_and_log)
    assert writer.texts == ["still seen"]


def test_the_logger_of_a_task_outlives_a_configuration_that_silences_others(
    writer: Writer,
) -> None:
    task_logger("shop")
    with Capture(new_output()):
        writer.run(logging.config.dictConfig, {"version": 1, "root": {"handlers": []}})
        writer.run(LOG.warning, "silenced by the task's own wish")
        writer.run(lambda: task_logger("shop").warning("heard"))
    assert writer.texts == ["heard"]


@captured
def test_a_record_that_can_not_be_formatted_is_shown_with_its_place(writer: Writer) -> None:
    logging.getLogger().handlers.clear()  # pytest's own handler would raise
    writer.run(LOG.warning, "%d", "three")
    assert writer.texts[0] == "--- Logging error ---"
    assert any("TypeError: %d format" in text for text in writer.texts)
    assert "Arguments: ('three',)" in writer.texts


@captured
def test_levels_are_the_hosts(writer: Writer) -> None:
    logging.getLogger().setLevel(logging.ERROR)
    writer.run(LOG.warning, "too low")
    assert writer.texts == []


def test_records_of_no_run_are_the_hosts(caplog: pytest.LogCaptureFixture, writer: Writer) -> None:
    with Capture(writer.output):
        LOG.warning("of the host")
    assert caplog.messages == ["of the host"]
    assert writer.texts == []


def test_the_handler_of_last_resort_still_serves_the_host(
    capsys: pytest.CaptureFixture[str], writer: Writer
) -> None:
    logging.getLogger().handlers.clear()
    with Capture(writer.output):
        LOG.warning("nobody listens")
    assert capsys.readouterr().err == "nobody listens\n"


def test_two_captures_take_everything_once(writer: Writer) -> None:
    with Capture(new_output()), Capture(new_output()):
        writer.run(LOG.warning, "once")
        writer.run(print, "once too")
        writer.run(lambda: subprocess.run(["echo", "and the child"], check=True))
    assert writer.texts == ["once", "once too", "and the child"]


@captured
def test_a_warning_is_a_line_of_the_run(writer: Writer) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        writer.run(warnings.warn, "old way", FutureWarning)
    first = writer.lines[0]
    assert (first.kind, first.logger) == (OutputKind.WARNING, "py.warnings")
    assert first.text.endswith("FutureWarning: old way")


def test_a_warning_of_no_run_is_the_hosts(writer: Writer) -> None:
    with pytest.warns(FutureWarning, match="of the host"), Capture(writer.output):
        warnings.warn("of the host", FutureWarning, stacklevel=1)
    assert writer.texts == []
