"""Everything that the guides show is run as it stands there."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import guides
from support.events import Events
from support.project import Project
from taskengine import Cron, Engine
from taskengine.project.config import TaskConfig, read_config

WITH_FILES = [name for name in guides.NAMES if guides.files(name)]
PROGRAMS = [
    pytest.param(guide, *program, id=f"{guide}-{number}")
    for guide in guides.NAMES
    for number, program in enumerate(guides.programs(guide), start=1)
]
CONFIGS = [
    pytest.param(block, id=f"{guide}-{number}")
    for guide in guides.NAMES
    for number, block in enumerate(guides.blocks(guide), start=1)
    if block.language == "toml"
]


def write_files(project: Project, guide: str) -> None:
    for path, text in guides.files(guide).items():
        project.write(path, text)


def run_python(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project.root,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("guide", WITH_FILES)
async def test_the_files_of_a_guide_are_a_project_without_problems(
    project: Project, guide: str
) -> None:
    write_files(project, guide)
    engine = Engine(project.root, scheduler=False)
    events = Events(engine)
    async with engine:
        await events.live()

        assert engine.problems == ()
        assert all(entry.function for entry in engine.catalog.entries.values())


@pytest.mark.parametrize("guide", WITH_FILES)
async def test_every_task_of_a_guide_runs_without_a_payload(project: Project, guide: str) -> None:
    write_files(project, guide)
    async with Engine(project.root, scheduler=False) as engine, asyncio.timeout(30):
        for name in engine.catalog.entries:
            await engine.run_task(name)


@pytest.mark.parametrize(("guide", "program", "printed"), PROGRAMS)
def test_a_program_of_a_guide_prints_what_stands_below_it(
    project: Project, guide: str, program: str, printed: str
) -> None:
    assert printed, "a program is followed by what it prints"
    write_files(project, guide)

    done = run_python(project, "-W", "error", "-c", program)

    assert (done.stdout, done.stderr) == (printed, "")


@pytest.mark.parametrize("block", CONFIGS)
def test_a_config_of_a_guide_has_no_problems(tmp_path: Path, block: guides.Block) -> None:
    is_shared = block.text.startswith("[tool.taskconsole]")
    name = "pyproject.toml" if is_shared else "taskconsole.toml"
    (tmp_path / name).write_text(block.text, encoding="utf-8")

    config, problems = read_config(tmp_path)

    assert (config.path, problems) == (tmp_path / name, ())
    for one in config.schedules:
        of_task = config.tasks.get(one.task, TaskConfig()).options.get("timezone")
        zone = one.timezone or (of_task.value if of_task else "UTC")
        assert Cron(one.cron, zone).timezone == zone


def test_the_tests_that_a_guide_shows_pass(project: Project) -> None:
    write_files(project, "testing.md")

    # None of these plugins is needed, and each takes its time to begin.
    others = ("cacheprovider", "hypothesispytest", "textual-snapshot", "syrupy", "xdist")
    without = [argument for name in others for argument in ("-p", f"no:{name}")]
    done = run_python(project, "-m", "pytest", "-q", *without, "tests")

    assert "3 passed" in done.stdout, done.stdout


@pytest.mark.parametrize("guide", guides.NAMES)
def test_the_links_of_a_guide_lead_somewhere(guide: str) -> None:
    targets = re.findall(r"\]\((?!https:)([^)#]+)", guides.text_of(guide))

    assert [target for target in targets if not (guides.DOCS / target).exists()] == []
