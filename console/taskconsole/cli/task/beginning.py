"""`taskconsole task new`."""

import sys
from collections.abc import Iterator
from pathlib import Path, PurePath

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.exits import REFUSED, WRONG_CALL
from taskconsole.cli.printing import narrate
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals, refuse
from taskengine.project.config import as_name, read_config
from taskengine.project.discovery import find_task_files, may_be_task
from taskengine.schedule.cron import Cron, CronError
from taskengine.whole_file import write_whole

_LONGEST = 255  # of a file's name, on the disks there are


@click.command(
    "new",
    epilog=examples(
        "task new db:migrate",
        "task new report --schedule '0 8 * * MON'",
    ),
)
@click.argument("name")
@click.option("--description", default="", metavar="TEXT", help="What the task does, in a line.")
@click.option("--schedule", "cron", metavar="CRON", help='When it fires: "0 3 * * *", "@hourly".')
@click.option("--sync", is_flag=True, help="A plain function, on a thread of its own.")
@click.pass_context
def command(ctx: click.Context, name: str, description: str, cron: str | None, sync: bool) -> None:
    """Write the file of a new task and print its path.

    The task `db:migrate` is the file `db/migrate.py` in the tasks folder. A file that is there
    stays as it is.
    """
    name = as_name(name)
    if fault := next(_faults(name), ""):
        refuse(ctx, f"{name!r} can't be the name of a task: {fault}", WRONG_CALL)
    try:
        cron = Cron(cron).expression if cron else None
    except CronError as error:
        refuse(ctx, f"{error}{f' ({error.hint})' if error.hint else ''}", WRONG_CALL)
    with refusals(ctx):
        root = root_of(ctx)
        config, _ = read_config(root)
        path = _path(root / config.tasks_dir, name)
        if taken := _taken(root / config.tasks_dir, name, path):
            refuse(ctx, f"{taken} is there already, and stays as it is", REFUSED)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _source(name, description, cron, sync=sync))
    click.echo(path)
    if sys.stdout.isatty():
        narrate(f"Run it with `taskconsole task run {name}`.")


def _faults(name: str) -> Iterator[str]:
    """What is wrong with a name, worst first."""
    if not name.isprintable():
        yield "it has characters that can't be printed"
    if "/" in name:
        yield "folders are parted by colons, as in db:migrate"
    parts = name.split(":")
    if "" in parts:
        yield "a part of it is empty"
    if any(len(f"{part}.py".encode(errors="replace")) > _LONGEST for part in parts):
        yield f"a part of it is longer than {_LONGEST} bytes"
    if parts[-1].endswith(".py"):
        yield "leave .py out"
    if not may_be_task(PurePath(*parts[:-1], f"{parts[-1]}.py")):
        yield "files or folders of such a name hold no tasks, by the habits of Python"


def _path(folder: Path, name: str) -> Path:
    *folders, file = name.split(":")
    return folder.joinpath(*folders, f"{file}.py")


def _taken(folder: Path, name: str, path: Path) -> Path | None:
    """The file that has the name already, or that would have the same one on some disks."""
    known = {file.name.casefold(): file.path for file in find_task_files(folder).files}
    return path if path.exists() else known.get(name.casefold())


def _source(name: str, description: str, cron: str | None, *, sync: bool) -> str:
    words = description or f"Say what {name} does"
    options = [f"description={_quoted(words)}"]
    options += [f"schedule={_quoted(cron)}"] if cron else []
    kind = "def" if sync else "async def"
    return _TEMPLATE.format(options=", ".join(options), kind=kind)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


_TEMPLATE = """\
from taskengine import TaskEvent, task


@task({options})
{kind} run(event: TaskEvent) -> dict[str, object]:
    # What the caller passed, as `taskconsole task run NAME --payload '{{"limit": 5}}'` does.
    limit = event.payload.get("limit", 3)
    for number in range(1, limit + 1):
        print(f"item {{number}} of {{limit}}")
        event.context.progress(number, limit)
    return {{"result": {{"items": limit}}}}
"""
