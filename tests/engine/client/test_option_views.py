"""The options of a task as a screen shows them."""

import pytest

from support.events import Events
from support.project import Project
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.client.option_views import option_views
from taskengine.client.views import OptionView
from taskengine.options import (
    OPTION_NAMES,
    Backoff,
    CatchUp,
    Concurrency,
    Isolation,
    OnInterrupt,
    Options,
)


class Tenant:
    """A key that is no plain function, and can't be asked for its name."""

    def __getattribute__(self, name: str) -> object:
        raise SystemExit(name)

    def __eq__(self, other: object) -> bool:
        raise SystemExit

    def __hash__(self) -> int:
        raise SystemExit

    def __call__(self, payload: object) -> object:
        return payload


def by_customer(payload: object) -> object:
    return payload


def words(options: Options, name: str) -> str:
    [found] = [view.value for view in option_views(options) if view.name == name]
    return found


def test_what_somebody_wrote_comes_first_with_its_place_and_then_the_defaults() -> None:
    sources = {"retries": "tasks/a.py:3", "timeout": "taskconsole.toml:8"}

    views = option_views(Options(timeout=90.0, retries=3, sources=sources))

    assert views[:2] == (
        OptionView(name="timeout", value="1 min 30 s", source="taskconsole.toml:8"),
        OptionView(name="retries", value="3", source="tasks/a.py:3"),
    )
    assert {view.source for view in views[2:]} == {"default"}
    assert {view.name for view in views} == OPTION_NAMES


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        (Options(), "timeout", "no limit"),
        (Options(), "backoff", "1 s, then x 2 each time up to 5 min, up to 10% less"),
        (Options(backoff=Backoff(initial=5, factor=1, jitter=0)), "backoff", "5 s"),
        (Options(), "retry_on", "every exception"),
        (Options(retry_on=("builtins.OSError", "a.B")), "retry_on", "OSError, a.B"),
        (Options(concurrency=Concurrency.QUEUE), "concurrency", "queue"),
        (Options(limit=3), "limit", "3"),
        (Options(key="tenant"), "key", "payload.tenant"),
        (Options(key=by_customer), "key", "by_customer(payload)"),
        (Options(key=Tenant()), "key", "a function"),
        (Options(isolation=Isolation.PROCESS), "isolation", "process"),
        (Options(memory=512_000_000), "memory", "512 MB"),
        (Options(timezone="Asia/Tokyo"), "timezone", "Asia/Tokyo"),
        (Options(catch_up=CatchUp.ALL), "catch_up", "all"),
        (Options(), "catch_up_window", "1 d"),
        (Options(jitter=0.5), "jitter", "500 ms"),
        (Options(run_on_startup=True), "run_on_startup", "yes"),
        (Options(), "run_on_startup", "no"),
        (Options(keep_days=0.5), "keep_days", "12 h"),
        (Options(), "max_size", "as much as there is room for"),
        (Options(max_size=50_000_000), "max_size", "50 MB"),
        (Options(), "on_interrupt", "keep"),
        (Options(on_interrupt=OnInterrupt.RERUN), "on_interrupt", "rerun"),
    ],
)
def test_a_value_is_told_in_words(options: Options, name: str, value: str) -> None:
    sourced = Options(
        **{one: getattr(options, one) for one in OPTION_NAMES}, sources={name: "here"}
    )

    assert words(sourced, name) == value


async def test_a_handle_tells_the_options_and_the_schema_of_each_task(
    project: Project, engine: Engine
) -> None:
    project.write(
        "tasks/typed.py",
        """
        from dataclasses import dataclass

        from taskengine import TaskEvent, task

        @dataclass
        class Cleanup:
            days: int = 30

        @task(timeout="90s")
        def run(event: TaskEvent[Cleanup]): ...
        """,
    )
    project.task("plain.py", "...")
    project.write("taskconsole.toml", "[defaults]\nretries = 2\n")
    events = Events(engine)
    await engine.start()
    await events.live()

    plain, typed = LocalHandle(engine).tasks()

    assert typed.options[:2] == (
        OptionView(name="timeout", value="1 min 30 s", source="tasks/typed.py:9"),
        OptionView(name="retries", value="2", source="taskconsole.toml:2"),
    )
    assert plain.options[0] == typed.options[1]
    assert plain.schema is None
    assert typed.schema is not None
    assert "days" in str(typed.schema)
