"""`taskconsole runs show`."""

import json
from collections.abc import Iterator

import click

from taskconsole.cli.completion.names import complete_runs
from taskconsole.cli.printing import Cell, count, print_fields, print_json
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals
from taskconsole.cli.runs.past import past_runs
from taskconsole.cli.runs.run_id import run_id
from taskconsole.cli.runs.times import took
from taskconsole.cli.words import colour_of, moment
from taskengine.run import JsonValue, Run, RunState


@click.command("show", short_help="Show all that is known of a run.")
@click.argument("run_id", metavar="ID", type=run_id, shell_complete=complete_runs)
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(ctx: click.Context, run_id: int, as_json: bool) -> None:
    """Show all that is known of the run ID but its output, which `runs logs` prints."""
    with refusals(ctx), past_runs(root_of(ctx)) as runs:
        run = runs.run(run_id)
    if as_json:
        print_json(run)
    else:
        print_fields(_fields(run))


def _fields(run: Run) -> Iterator[tuple[str, str | Cell]]:
    yield "run", str(run.id)
    yield "task", run.task
    yield "state", Cell(_state(run), colour_of(run.state))
    yield "trigger", run.trigger.value
    yield "key", run.key
    yield "queued", moment(run.queued_at)
    for name, at in (("scheduled", run.scheduled_time), ("started", run.started_at)):
        yield name, moment(at) if at else ""
    yield "ended", moment(run.ended_at) if run.ended_at else ""
    yield "took", took(run)
    yield "attempt", f"{run.attempt} of {run.max_attempts}" if run.max_attempts > 1 else ""
    if progress := run.progress:
        of = f" of {progress.total:g}" if progress.total is not None else ""
        yield "progress", f"{progress.done:g}{of} {progress.message}".rstrip()
    yield from _kin(run)
    yield "payload", _json(run.payload)
    if run.state is RunState.DONE:
        yield "result", _json(run.result)
    if run.error:
        yield "error", Cell(f"{run.error.type}: {run.error.message}", "red")
        yield "traceback", run.error.traceback.rstrip()


def _state(run: Run) -> str:
    return f"{run.state.value}, its body has not returned" if run.stopping else run.state.value


def _kin(run: Run) -> Iterator[tuple[str, str]]:
    yield "rerun of", str(run.rerun_of or "")
    yield "parent", str(run.parent_id or "")
    if run.child_count:
        yield "children", ", ".join(map(str, run.children))
    if run.joined_count:
        unused = sum(not one.payload_used for one in run.joined)
        words = f", {unused} of them with another payload" if unused else ""
        yield "joined by", f"{count(run.joined_count, 'call')}{words}"


def _json(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
