"""`taskconsole history import`."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import BinaryIO

import click

from taskconsole.cli.exits import WRONG_CALL
from taskconsole.cli.printing import count, narrate
from taskconsole.cli.project import root_of
from taskconsole.cli.refusing import refusals, refuse


@click.command("import", short_help="Take in what `export` has written.")
@click.argument("file", type=click.File("rb"))
@click.pass_context
def command(ctx: click.Context, file: BinaryIO) -> None:
    """Take in what `export` has written to FILE (`-`: the standard input).

    Runs that are here already are passed over, so nothing is lost or doubled by importing a file
    once more. No engine may be at work meanwhile.
    """
    from taskengine.clock import SystemClock
    from taskengine.history.sqlite.offline import held_alone
    from taskengine.history.transfer.form import BrokenLine
    from taskengine.history.transfer.importing import Imported, Importer

    def tell(done: Imported) -> None:
        for words in _renumbered(done.renumbered):
            narrate(words)
        words = f"{count(done.runs, 'run')} with {count(done.lines, 'line')} of output"
        known = f"; {count(done.known, 'run')} known already" if done.known else ""
        narrate(f"Imported {words}{known}.")

    with refusals(ctx), held_alone(root_of(ctx), SystemClock()) as (connection, engine):
        importer = Importer(connection, engine)
        try:
            importer.take_in(file)
        except BrokenLine as error:
            done = importer.imported
            if not (done.runs or done.known):
                refuse(ctx, f"Nothing was imported: {error}", WRONG_CALL)
            tell(done)
            again = "What came before it is kept: mend the file, and import it again."
            refuse(ctx, f"Stopped at {error}. {again}", WRONG_CALL)
        tell(importer.imported)


def _renumbered(numbers: Mapping[int, int]) -> Iterator[str]:
    """A line for each row of runs whose numbers have moved by as much."""
    places = enumerate(sorted(numbers.items()))
    rows = groupby(places, key=lambda one: (one[1][0] - one[0], one[1][1] - one[0]))
    for _, row in rows:
        moved = [pair for _, pair in row]
        (old, new), (last_old, last_new) = moved[0], moved[-1]
        if len(moved) == 1:
            yield f"Run #{old} is #{new} here: its number was another run's."
        else:
            yield (
                f"Runs #{old} to #{last_old} are #{new} to #{last_new} here:"
                " their numbers were other runs'."
            )
