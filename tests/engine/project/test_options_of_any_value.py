"""Whatever a config holds for an option: it counts, or it is a problem at its line."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.thorough import examples
from taskengine.options import OPTION_NAMES, Backoff, Options
from taskengine.problem import ProblemKind
from taskengine.project.config import DEFAULT_STOP_GRACE, read_config
from taskengine.project.config_options import DEFAULT_NAMES
from taskengine.project.option_error import OptionError
from taskengine.project.option_values import read_option
from taskengine.project.project import Project

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
LIKELY = st.sampled_from(
    [
        "none",
        "90s",
        "1h30m",
        "512MB",
        "queue",
        "parallel",
        "process",
        "latest",
        "all",
        "rerun",
        "UTC",
        "a.B",
    ]
)
PLAIN = st.one_of(
    TEXT,
    LIKELY,
    st.integers(-10, 2000),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["initial", "factor", "cap", "jitter"]) | TEXT, inner, max_size=3
        ),
    ),
    max_leaves=5,
)
# What is said of a value that raises when it is looked at, which none of these does.
SURPRISE = "can't be read"
# What the option needs beside it, so that it means something.
BESIDE = {
    "limit": 'concurrency = "parallel"',
    "memory": 'isolation = "process"',
    "backoff": "retries = 1",
    "retry_on": "retries = 1",
}


def toml(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the task `a`, which is not imported."""
    root = tmp_path_factory.mktemp("project")
    (root / "tasks").mkdir()
    (root / "tasks/a.py").write_text("from taskengine import task\n@task\ndef run(event): ...\n")
    return root


@pytest.mark.parametrize("name", sorted(OPTION_NAMES))
@examples(12)
@given(value=VALUES)
def test_an_option_of_a_task_counts_or_is_a_problem(root: Path, name: str, value: object) -> None:
    (root / "taskconsole.toml").write_text(
        f"[tasks.a]\n{name} = {toml(value)}\n{BESIDE.get(name, '')}\n", encoding="utf-8"
    )

    catalog = Project(root, default_timezone=lambda: "UTC").scan()

    options = catalog.entries["a"].options
    faults = [(one.kind, one.line, one.task) for one in catalog.problems]
    if name in options.sources:
        assert faults == []
    else:
        assert faults == [(ProblemKind.OPTION, 2, "a")]
        assert SURPRISE not in catalog.problems[0].message
        assert getattr(options, name) == getattr(Options(), name)
    assert_in_range(options)


def assert_in_range(options: Options) -> None:
    century = 36_525 * 86_400
    assert options.timeout is None or 0 < options.timeout <= century
    assert 0 <= options.retries <= 1000
    assert 0 <= options.backoff.initial <= options.backoff.cap <= century
    assert 1 <= options.backoff.factor <= 1000
    assert 0 <= options.backoff.jitter <= 1
    assert options.limit is None or options.limit >= 1
    assert options.memory is None or 16 * 10**6 <= options.memory <= 10**15
    assert 0 <= options.catch_up_window <= century
    assert 1 <= options.catch_up_limit <= 10_000
    assert 0 <= options.jitter <= century
    assert options.keep_runs is None or options.keep_runs >= 1
    assert options.keep_days is None or 0 < options.keep_days <= 36_525
    assert options.max_size is None or 10_000 <= options.max_size <= 10**15


ODD = st.one_of(
    VALUES,
    st.none(),
    st.binary(),
    st.complex_numbers(),
    st.sets(st.integers()),
    st.tuples(VALUES),
    st.dictionaries(st.integers(), VALUES, max_size=2),
    st.sampled_from([object(), len, int, ValueError, KeyboardInterrupt, st, Backoff(initial=-1)]),
    st.builds(Backoff, initial=VALUES, cap=VALUES),
)


@given(name=st.sampled_from(sorted(OPTION_NAMES)), value=ODD)
def test_no_value_of_a_decorator_does_more_than_be_refused(name: str, value: object) -> None:
    refused = ""
    try:
        found = read_option(name, value)
    except OptionError as error:
        refused = str(error)
    else:
        assert_in_range(Options(**{name: found}))
    assert SURPRISE not in refused


@given(name=st.sampled_from(sorted(DEFAULT_NAMES)), value=VALUES)
def test_a_default_counts_or_is_a_problem(root: Path, name: str, value: object) -> None:
    (root / "taskconsole.toml").write_text(f"[defaults]\n{name} = {toml(value)}\n", "utf-8")

    config, problems = read_config(root)

    assert (name in config.defaults) != bool(problems)
    assert [one.line for one in problems] in ([], [2])


@given(value=VALUES)
def test_the_grace_counts_or_is_a_problem(root: Path, value: object) -> None:
    (root / "taskconsole.toml").write_text(f"stop_grace = {toml(value)}\n", "utf-8")

    config, problems = read_config(root)

    assert config.stop_grace >= 0
    assert not problems or config.stop_grace == DEFAULT_STOP_GRACE
    assert isinstance(value, int | float | str) or problems
