"""`taskconsole schedule resume`."""

from contextlib import closing

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals, refuse_unknown


@click.command("resume", short_help="Let the schedules of a task fire again.")
@click.argument("name", shell_complete=complete_tasks)
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Let the schedules of the task NAME fire again.

    Without an engine at work, the next one will know.
    """
    from taskconsole.cli.schedule.pauses import kept_pauses, known_task, tell
    from taskconsole.cli.task_names import names_in_files

    root = root_of(ctx)
    with refusals(ctx):
        if calls := engine_of(root):
            with closing(calls), known_task(calls, name):
                calls.post("tasks", name, "resume")
        else:
            known = names_in_files(root)
            with kept_pauses(root) as kept:
                if name not in known and not kept.has(name):
                    refuse_unknown(ctx, name, known)
                kept.drop(name)
    tell(name, "", is_paused=False, as_json=as_json)
