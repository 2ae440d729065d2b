"""What the guides' tables claim is what the code does."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, time, timedelta
from itertools import islice, takewhile
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

import taskengine
from support import guides
from taskengine import Cron, CronError, TaskContext, TaskError, TaskEvent, errors, events
from taskengine.client.option_views import option_views
from taskengine.options import OPTION_NAMES, Options
from taskengine.project.config import CaptureConfig, Config, ScheduleConfig, TaskConfig
from taskengine.project.history_config import HistoryConfig
from taskengine.project.server_config import ServerConfig
from taskengine.project.sizes import size_in_words

T = TypeVar("T")
LONDON = ZoneInfo("Europe/London")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expression", "_meaning", "fires"), guides.table("schedules.md", "### Examples")
)
def test_an_expression_fires_as_it_is_told(expression: str, _meaning: str, fires: str) -> None:
    first = islice(Cron(expression).fires(datetime(2026, 1, 1, tzinfo=UTC) - SECOND), 2)

    assert ", ".join(f"{fire:%a} {fire.day} {fire:%b %Y %H:%M:%S}" for fire in first) == fires


@pytest.mark.parametrize(
    ("expression", "message", "mend"), guides.table("schedules.md", "### What is refused")
)
def test_an_expression_is_refused_with_these_words(
    expression: str, message: str, mend: str
) -> None:
    with pytest.raises(CronError) as refused:
        Cron(expression)

    assert (str(refused.value), refused.value.hint) == (message, mend)


@pytest.mark.parametrize(
    ("expression", "kind", "march", "october"),
    guides.table("schedules.md", "## When the clocks change"),
)
def test_clock_changes_are_as_they_are_told(
    expression: str, kind: str, march: str, october: str
) -> None:
    cron = Cron(expression, "Europe/London")

    assert kind == ("interval" if cron.pattern.is_interval else "fixed")
    assert night_fires(cron, datetime(2026, 3, 29, tzinfo=LONDON)) == march
    assert night_fires(cron, datetime(2026, 10, 25, tzinfo=LONDON)) == october


def night_fires(cron: Cron, midnight: datetime) -> str:
    local = (fire.astimezone(LONDON) for fire in cron.fires(midnight.astimezone(UTC) - SECOND))
    night = takewhile(lambda fire: fire.date() == midnight.date() and fire.time() <= time(3), local)
    return ", ".join(f"{fire:%H:%M %Z}" for fire in night) or "nothing"


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def first_words(guide: str, heading: str) -> list[str]:
    """The first column, without what stands in brackets."""
    return [row[0].partition("(")[0] for row in guides.table(guide, heading)]


def test_every_attribute_of_event_and_context_is_told() -> None:
    heading = "## The event and its context"
    after = "The context knows why the task runs, and speaks for it:"

    assert set(first_words("tasks.md", heading)) == {one.name for one in fields(TaskEvent)}
    assert set(first_words("tasks.md", after)) == public(TaskContext) - {"control"}


def test_every_key_of_the_config_is_told() -> None:
    def told(heading: str) -> set[str]:
        return set(first_words("configuration.md", heading))

    of_task = set(TaskConfig.__struct_fields__) - {"line", "handler_line", "options"}
    of_schedule = set(ScheduleConfig.__struct_fields__) - {"cron", "line"}
    of_root = set(Config.__struct_fields__) - {
        *("path", "tasks_dir_line", "schedules", "capture", "history", "server")
    }
    of_capture = {f"capture.{key}" for key in CaptureConfig.__struct_fields__}
    of_history = {f"history.{key}" for key in HistoryConfig.__struct_fields__}
    assert told('### `[tasks."name"]`') == of_task | {"schedule"}
    assert told("### `[scheduled_tasks]`") == of_schedule
    of_server = {f"server.{key}" for key in ServerConfig.__struct_fields__ if key != "is_sound"}
    of_tables = of_capture | of_history | of_server
    assert told("## All keys") == of_root | of_tables | {"scheduled_tasks"}


def test_the_defaults_of_the_history_are_told() -> None:
    table = guides.table("configuration.md", "## All keys")
    told = {key: default for key, _, default, _ in table if key.startswith("history.")}

    config = HistoryConfig()
    assert told == {
        "history.durability": config.durability,
        "history.keep_runs": "no limit",
        "history.keep_days": "no limit",
        "history.max_size": size_in_words(config.max_size or 0),
        "history.max_output": size_in_words(config.max_output),
    }
    assert (config.keep_runs, config.keep_days) == (None, None)


def test_every_option_is_told_with_its_type_default_and_meaning() -> None:
    told = {name: default for name, _, default, _ in guides.table("tasks.md", "## Options")}

    assert told == {one.name: one.value for one in option_views(Options())}
    assert all(all(row) for row in guides.table("tasks.md", "## Options"))


@pytest.mark.parametrize("option", sorted(OPTION_NAMES))
def test_every_option_has_an_example(option: str) -> None:
    shown = [block.text for block in guides.blocks("tasks.md") if block.language == "python"]

    assert any(f"{option}=" in text for text in shown)


def subclasses(kind: type[T]) -> Iterator[type[T]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_every_error_is_told_with_its_status_code() -> None:
    told = {name: int(code) for name, code, _ in guides.table("embedding.md", "## Errors")}

    ours = [one for one in subclasses(TaskError) if one.__module__ == errors.__name__]
    assert told == {one.__name__: one.status_code for one in ours}
    assert all(getattr(taskengine, name) is getattr(errors, name) for name in told)


def test_every_event_is_told() -> None:
    told = {
        name for row in guides.table("embedding.md", "## Events") for name in row[0].split(", ")
    }

    bases = {"Event", "RunEvent"}
    assert told == {one.__name__ for one in subclasses(events.Event)} - bases
