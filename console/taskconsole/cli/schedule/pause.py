"""`taskconsole schedule pause`."""

from contextlib import closing

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.examples import examples
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals, refuse_unknown


@click.command(
    "pause",
    short_help="Let the schedules of a task fire no more.",
    epilog=examples(
        "schedule pause db:migrate --reason 'until the move is over'",
    ),
)
@click.argument("name", shell_complete=complete_tasks)
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who wonder.")
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, name: str, reason: str, as_json: bool) -> None:
    """Let the schedules of the task NAME fire no more, until it is resumed.

    Runs by hand stay possible. Without an engine at work, the next one will know.
    """
    from taskconsole.cli.schedule.pauses import kept_pauses, known_task, tell
    from taskconsole.cli.task_names import names_in_files

    root = root_of(ctx)
    with refusals(ctx):
        if calls := engine_of(root):
            with closing(calls), known_task(calls, name):
                calls.post("tasks", name, "pause", body={"reason": reason})
        else:
            if name not in (known := names_in_files(root)):
                refuse_unknown(ctx, name, known)
            with kept_pauses(root) as kept:
                kept.put(name, reason)
    tell(name, reason, is_paused=True, as_json=as_json)
