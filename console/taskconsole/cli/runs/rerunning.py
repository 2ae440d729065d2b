"""`taskconsole runs rerun`."""

import click

from taskconsole.cli.completion.names import complete_runs
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.running.following import see_through
from taskconsole.cli.runs.run_id import run_id


@click.command("rerun", short_help="Run a task again with the payload of an earlier run.")
@click.argument("run_id", metavar="ID", type=run_id, shell_complete=complete_runs)
@import_timeout
@click.option("--detach", is_flag=True, help="Only start the run, in the engine that is at work.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole run, not only its result.")
@click.pass_context
def command(ctx: click.Context, run_id: int, patience: float, detach: bool, as_json: bool) -> None:
    """Run the task of the run ID again with the same payload, and print its result.

    All else is as with `task run`.
    """
    see_through(
        ctx,
        lambda host: host.rerun(run_id),
        patience=patience,
        detach=detach,
        as_json=as_json,
    )
