"""`taskconsole runs logs`."""

import sys

import click

from taskconsole.cli.completion.names import complete_runs
from taskconsole.cli.examples import examples
from taskconsole.cli.printing import count, narrate
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals
from taskconsole.cli.running.following import code_of
from taskconsole.cli.runs.past import past_runs
from taskconsole.cli.runs.run_id import run_id
from taskconsole.cli.task_output import TaskOutput

_PATIENCE = 30.0


@click.command(
    "logs",
    epilog=examples(
        "runs logs -f 17",
        "runs logs 17 --tail 20 --timestamps",
    ),
)
@click.argument("run_id", metavar="ID", type=run_id, shell_complete=complete_runs)
@click.option("-f", "--follow", is_flag=True, help="Go on until the run is over.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Begin N lines from the end.")
@click.option("--timestamps", is_flag=True, help="Begin each line with when it was written.")
@click.pass_context
def command(
    ctx: click.Context, run_id: int, follow: bool, tail: int | None, timestamps: bool
) -> None:
    """Print what the run ID has written.

    With --follow, exit as the run ended: 0 if it was done, 1 if it failed in some way.
    """
    output = TaskOutput(sys.stdout, timestamps=timestamps)
    with refusals(ctx), past_runs(root_of(ctx)) as runs:
        start = 0 if tail is None else max(runs.total(run_id) - tail, 0)
        stop = None if follow else runs.total(run_id)
        is_last = False
        while not output.fault and not is_last and (stop is None or start < stop):
            piece = runs.piece(run_id, start, _PATIENCE if follow else 0)
            if piece.dropped:
                narrate(f"{count(piece.dropped, 'line')} dropped here.")
            output.write(piece.lines)
            start, is_last = piece.following, piece.is_last
        if output.fault:
            raise output.fault
        if follow:
            ctx.exit(code_of(runs.run(run_id).state))
