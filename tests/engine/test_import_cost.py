"""What importing the engine brings along."""

import subprocess
import sys

import pytest

import taskengine

HEAVY = ["textual", "rich", "click", "croniter", "httpx", "msgspec", "watchfiles", "asyncio"]


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(printed.stdout.split())


@pytest.mark.parametrize("module", HEAVY)
def test_a_task_file_pays_for_nothing_that_it_does_not_use(module: str) -> None:
    assert module not in modules_after("from taskengine import TaskEvent, task")


def test_the_engine_brings_no_screen() -> None:
    assert not {"textual", "rich", "click"} & modules_after("from taskengine import Engine")


def test_every_exported_name_is_there() -> None:
    for name in taskengine.__all__:
        assert hasattr(taskengine, name), name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = taskengine.Nothing


def test_a_server_is_only_imported_when_it_starts() -> None:
    server = {"starlette", "uvicorn", "httptools", "pydantic", "fastapi"}
    assert not server & modules_after("from taskengine import Engine")
    assert not server & modules_after("from taskengine.http import Server")
