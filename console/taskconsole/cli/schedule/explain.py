"""`taskconsole schedule explain`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import click

from taskconsole.cli.completion.names import complete_zones
from taskconsole.cli.examples import examples
from taskconsole.cli.exits import WRONG_CALL
from taskconsole.cli.printing import Cell, narrate, print_fields, print_json
from taskconsole.cli.project import root_of
from taskconsole.cli.schedule.clock_changes import ClockChange, clock_changes
from taskconsole.cli.schedule.expression_fields import WrittenField, range_of, written_fields
from taskconsole.cli.schedule.instants import change_in_words, local, with_countdown
from taskengine.clock import SystemClock
from taskengine.schedule.cron import Cron, CronError
from taskengine.schedule.words import describe

_LOOK_AHEAD = timedelta(days=366)
_MOST_CHANGES = 4
_QUOTE = "quote the expression: the shell puts the names of files in the place of a bare *"
_INTERVAL = "an interval: it follows real time, also where the clocks change"
_FIXED = "fixed times: each once a day, also where the clocks change"


@click.command(
    "explain",
    short_help="Say in words when an expression fires.",
    epilog=examples(
        "schedule explain '*/15 9-17 * * MON-FRI'",
        "schedule explain '30 1 * * *' --timezone Europe/London",
    ),
)
@click.argument("expression", nargs=-1, required=True)
@click.option(
    "--timezone",
    metavar="ZONE",
    shell_complete=complete_zones,
    help="A zone such as Europe/London; by default the project's.",
)
@click.option(
    "--count", type=click.IntRange(1, 1_000), default=5, show_default=True, help="So many fires."
)
@click.option("--json", "as_json", is_flag=True, help="Tell it in JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    expression: Sequence[str],
    timezone: str | None,
    count: int,
    as_json: bool,
) -> None:
    """Say in words when a cron EXPRESSION fires, and what it does when the clocks change.

    One that can't be used is refused with its fault and a way to mend it; exit code 2.
    """
    text = " ".join(expression)
    try:
        cron = Cron(text, timezone or _zone_of(ctx))
    except CronError as error:
        _refuse(error, is_quoted=len(expression) == 1, as_json=as_json)
        ctx.exit(WRONG_CALL)
    now = SystemClock().now()
    fires = tuple(islice(cron.fires(now), count))
    until = max([now + _LOOK_AHEAD, *fires[-1:]])
    changes = tuple(islice(clock_changes(cron, now, until), _MOST_CHANGES))
    if as_json:
        print_json(_as_json(cron, fires, changes))
    else:
        _print(cron, now, fires, changes)


def _zone_of(ctx: click.Context) -> str:
    """The project's zone. A zone that its config names wrongly counts for nothing."""
    from taskengine.project.config import read_config
    from taskengine.project.zone import default_timezone

    config, _ = read_config(root_of(ctx))
    return config.timezone or default_timezone()


def _refuse(error: CronError, *, is_quoted: bool, as_json: bool) -> None:
    hint = error.hint if is_quoted else "; ".join(filter(None, [error.hint, _QUOTE]))
    if as_json:
        fault = {
            "message": str(error),
            "field": error.field,
            "value": error.value,
            "allowed": range_of(error.field),
            "hint": hint,
        }
        print_json({"expression": error.expression, "error": fault})
        return
    if pointer := _pointer(error):
        narrate(f"{error.expression}\n{pointer}")
    narrate(f"{error}\n{hint}" if hint else str(error))


def _pointer(error: CronError) -> str:
    """Arrows below what is refused; nothing where that does not stand there as it is."""
    at = error.expression.find(error.value) if error.value and error.field else -1
    simple = error.expression.isprintable() and error.expression.isascii()
    return " " * at + "^" * len(error.value or "") if at >= 0 and simple else ""


def _print(
    cron: Cron, now: datetime, fires: Sequence[datetime], changes: Sequence[ClockChange]
) -> None:
    zone = ZoneInfo(cron.timezone)
    print_fields(
        [
            ("expression", Cell(cron.expression, "cyan")),
            ("in words", describe(cron)),
            ("zone", cron.timezone),
            ("kind", _INTERVAL if cron.pattern.is_interval else _FIXED),
            *((field.name, _in_words(field)) for field in written_fields(cron.pattern)),
            ("next", "\n".join(with_countdown(fire, now, zone) for fire in fires) or "never again"),
            ("clock changes", "\n".join(_change_words(cron, changes, zone))),
        ]
    )


def _in_words(field: WrittenField) -> str:
    return f"{field.text:<8} {field.meaning}" if field.meaning else field.text


def _change_words(cron: Cron, changes: Sequence[ClockChange], zone: ZoneInfo) -> Iterator[str]:
    if not changes:
        yield f"none in {cron.timezone} in that time"
    for change in changes:
        yield change_in_words(change, zone)


def _as_json(
    cron: Cron, fires: Sequence[datetime], changes: Sequence[ClockChange]
) -> dict[str, object]:
    zone = ZoneInfo(cron.timezone)
    return {
        "expression": cron.expression,
        "timezone": cron.timezone,
        "words": describe(cron),
        "interval": cron.pattern.is_interval,
        "fields": [
            {"name": one.name, "text": one.text, "values": one.values}
            for one in written_fields(cron.pattern)
        ],
        "finished": not fires,
        "next_fires": [local(fire, zone) for fire in fires],
        "clock_changes": [
            {
                "at": local(change.at, zone),
                "kind": "forward" if change.is_gap else "back",
                "times": [time.isoformat() for time in change.times],
                "fires_at": [local(fire, zone) for fire in change.fires],
            }
            for change in changes
        ],
    }
