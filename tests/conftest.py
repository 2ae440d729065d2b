"""Fixtures that every test may use."""

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.nitro_bed import Nitro, installed
from support.project import Project
from support.thorough import TIMES
from support.time_limit import time_limit

# The same examples in every run, however slow the machine: a red test is red for everybody.
settings.register_profile(
    "steady",
    max_examples=50 * TIMES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives to the end, and small rounds: a console makes and
    drops so many objects that a third of the time would go there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with time_limit(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with time_limit(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    with time_limit(item):
        return (yield)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case by the beginning of a long text: some have 100,000 characters."""
    if isinstance(val, str) and len(val) > 60:
        return f"{val[:20]!r} and so on to {len(val)} characters"
    return None


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project; `taskconsole.toml` marks its root."""
    project = Project(tmp_path)
    project.write("taskconsole.toml", "")
    return project


@pytest.fixture(scope="session")
def nitro2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nitro]:
    """Nitro 2 as npm installs it, for slow tests."""
    with installed(2, tmp_path_factory) as nitro:
        yield nitro


@pytest.fixture(scope="session")
def nitro3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nitro]:
    """The beta of Nitro 3 as npm installs it, for slow tests."""
    with installed(3, tmp_path_factory) as nitro:
        yield nitro


@pytest.fixture(params=[2, 3], ids=["nitro2", "nitro3"])
def nitro(request: pytest.FixtureRequest) -> Nitro:
    """A Nitro; a test that asks for it runs once for each version."""
    installed_one: Nitro = request.getfixturevalue(f"nitro{request.param}")
    return installed_one
