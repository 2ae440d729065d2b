"""What is not imported, because a first picture should not wait for it."""

import subprocess
import sys

import pytest

HEAVY = {"httpx", "uvicorn", "pydantic", "pytest", "tree_sitter"}
SCREEN = {"textual", "rich", "taskengine.engine", "taskconsole.session"}
LATER = {
    "cron_descriptor",
    "croniter",
    "taskconsole.log_file",
    "taskconsole.palette",
    "taskconsole.screens.help",
    "taskconsole.screens.problems",
    "taskconsole.screens.quit",
    "taskconsole.screens.workbench",
    "taskconsole.widgets.json_editor",
    "taskconsole.widgets.output.pane",
    "taskengine.project.watch",
    "textual.widgets._text_area",
    "pygments",
    "watchfiles",
}


def imported_by(module: str) -> set[str]:
    code = f"import {module}, sys; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(found.stdout.split())


@pytest.mark.parametrize(
    ("module", "absent"),
    [("taskconsole.cli", SCREEN | HEAVY), ("taskconsole.session", LATER | HEAVY)],
)
def test_what_is_wanted_later_is_imported_later(module: str, absent: set[str]) -> None:
    assert imported_by(module) & absent == set()
