"""`taskconsole serve`."""

import click

from taskconsole.cli.examples import examples
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals


@click.command(
    "serve",
    epilog=examples(
        "serve",
        "serve --port 4567 --log-format json",
    ),
)
@click.option("--host", metavar="HOST", help="Listen there too, if there is a port: 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Listen at this port; 0: a free one.")
@click.option("--no-schedule", is_flag=True, help="Run tasks without letting schedules fire.")
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to tell what happens: a line of text, or of JSON.",
)
@click.pass_context
def command(
    ctx: click.Context, host: str | None, port: int | None, no_schedule: bool, log_format: str
) -> None:
    """Run the project's engine without a screen.

    It tells what happens on the standard output: runs, what they write, problems. Consoles and
    commands reach it by its socket. SIGTERM, or Ctrl-C, lets the runs that go on end within the
    config's `stop_grace`, and ends the process with 0; a second one ends it at once.
    """
    from taskconsole.cli.serve.headless import Headless

    with refusals(ctx):
        engine = Headless(
            root_of(ctx),
            host=host,
            port=port,
            scheduling=not no_schedule,
            as_json=log_format == "json",
        )
        ctx.exit(engine.run())
