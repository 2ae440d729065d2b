"""`taskconsole runs cancel`."""

import click

from taskconsole.cli.completion.names import complete_runs
from taskconsole.cli.exits import REFUSED
from taskconsole.cli.printing import narrate, print_json
from taskconsole.cli.project import engine_of, root_of
from taskconsole.cli.refusing import refusals, refuse
from taskconsole.cli.runs.past import past_runs
from taskconsole.cli.runs.run_id import run_id


@click.command("cancel")
@click.argument("run_id", metavar="ID", type=run_id, shell_complete=complete_runs)
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, run_id: int, as_json: bool) -> None:
    """Ask the run ID to stop. To ask a second time kills the run's process, if it has its own."""
    with refusals(ctx):
        root = root_of(ctx)
        calls = engine_of(root)
        if calls is None:
            with past_runs(root) as runs:
                state = runs.run(run_id).state
            if not state.is_final:
                why = "no engine that can be reached runs it: interrupt the process that does"
                refuse(ctx, f"Run #{run_id} can't be cancelled: {why}", REFUSED)
            is_asked = False
        else:
            is_asked = calls.post("runs", run_id, "cancel")["cancelled"]
            state = None
    if as_json:
        print_json({"run": run_id, "cancelled": is_asked})
    if not is_asked:
        was = f": {state.value}" if state else ""
        refuse(ctx, f"Run #{run_id} was over already{was}.", REFUSED)
    narrate(f"Run #{run_id} is asked to stop.")
