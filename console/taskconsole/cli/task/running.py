"""`taskconsole task run`."""

import sys
from pathlib import Path

import click

from taskconsole.cli.completion.names import complete_tasks
from taskconsole.cli.examples import examples
from taskconsole.cli.exits import REFUSED, WRONG_CALL
from taskconsole.cli.importing.patience import import_timeout
from taskconsole.cli.printing import narrate
from taskconsole.cli.refusing import Refusal, refuse, unknown_task
from taskconsole.cli.running.following import see_through
from taskconsole.cli.running.host import RunHost
from taskconsole.widgets.payload_check import PayloadFault, parse_payload
from taskengine.errors import TaskNotFound, TaskNotImplemented
from taskengine.run import Payload, Run

_STANDARD = "-"


@click.command(
    "run",
    epilog=examples(
        "task run db:migrate",
        'task run db:migrate --payload \'{"target": "head"}\'',
        "task run db:migrate --payload @payload.json --detach",
    ),
)
@click.argument("name", shell_complete=complete_tasks)
@click.option(
    "--payload",
    "given",
    metavar="JSON",
    help="The payload: a JSON object, @FILE with one, or - for the standard input.",
)
@click.option(
    "--ignore-invalid-payload",
    is_flag=True,
    help="Run with an empty payload where the given one is no JSON object, as Nitro does.",
)
@import_timeout
@click.option("--detach", is_flag=True, help="Only start the run, in the engine that is at work.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole run, not only its result.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    given: str | None,
    ignore_invalid_payload: bool,
    patience: float,
    detach: bool,
    as_json: bool,
) -> None:
    """Run the task NAME and print its result as JSON.

    What the task writes goes to the standard error. The engine that is at work on the project runs
    it, or else this process does, with the same history. A task that runs already is joined. Ctrl-C
    cancels the run and exits with 130 when it has stopped, or the config's `stop_grace` is over;
    once more leaves at once.
    """
    payload = _payload(ctx, given, is_lenient=ignore_invalid_payload)

    def start(host: RunHost) -> Run:
        try:
            return host.start(name, payload)
        except TaskNotFound:
            raise unknown_task(name, host.names()) from None
        except TaskNotImplemented as error:
            why = host.fault_of(name)
            raise Refusal(f"{error}{f' {why}' if why else ''}", REFUSED) from None

    see_through(ctx, start, patience=patience, detach=detach, as_json=as_json)


def _payload(ctx: click.Context, given: str | None, *, is_lenient: bool) -> Payload:
    """The payload, read before anything runs. Ends the command if there is none to be had."""
    if given is None:
        return {}
    text, place = _text(ctx, given)
    try:
        if not text.strip():
            raise PayloadFault("there is nothing; an empty payload is {}", 1, 1)
        return parse_payload(text)
    except PayloadFault as fault:
        told = f"{place}{fault}"
        if not is_lenient:
            refuse(ctx, f"The payload is no JSON object: {told}", WRONG_CALL)
        narrate(f"The payload is ignored, for it is no JSON object: {told}")
        return {}


def _text(ctx: click.Context, given: str) -> tuple[str, str]:
    """What was given, and where it stands if that is not the command line."""
    source = given.removeprefix("@")
    try:
        if given == _STANDARD:
            return sys.stdin.buffer.read().decode(), "standard input, "
        if given.startswith("@"):
            return Path(source).read_text(encoding="utf-8"), f"{source}, "
    except OSError as error:
        refuse(ctx, f"{source} can't be read: {error.strerror or error}", WRONG_CALL)
    except UnicodeDecodeError as error:
        refuse(ctx, f"{source} is not UTF-8: byte {error.start + 1} is no text", WRONG_CALL)
    return given, ""
