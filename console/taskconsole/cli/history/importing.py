"""`taskconsole history import`."""

from typing import BinaryIO

import click

from taskconsole.cli import WRONG_CALL
from taskconsole.cli.history.common import counted, refusals, refuse, root_of


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_context
def import_(ctx: click.Context, file: BinaryIO) -> None:
    """Take in what `export` has written to FILE (`-`: the standard input).

    Runs that are here already are passed over, so nothing is lost or doubled by importing a file
    once more. No engine may be at work meanwhile.
    """
    from taskengine.clock import SystemClock
    from taskengine.history.sqlite.offline import held_alone
    from taskengine.history.transfer.form import BrokenLine
    from taskengine.history.transfer.importing import Imported, Importer

    def tell(done: Imported) -> None:
        for old, new in done.renumbered.items():
            click.echo(f"Run #{old} is #{new} here: its number was another run's.", err=True)
        words = f"{counted(done.runs, 'run')} with {counted(done.lines, 'line')} of output"
        known = f"; {counted(done.known, 'run')} known already" if done.known else ""
        click.echo(f"Imported {words}{known}.", err=True)

    with refusals(ctx), held_alone(root_of(ctx), SystemClock()) as (connection, engine):
        importer = Importer(connection, engine)
        try:
            importer.take_in(file)
        except BrokenLine as error:
            tell(importer.imported)
            refuse(
                ctx,
                f"Stopped at {error}. What came before it is kept: mend the file, and import it"
                " again.",
                WRONG_CALL,
            )
        tell(importer.imported)
