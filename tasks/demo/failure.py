"""How a failed run looks: its output, then the traceback, which leads from the effect to its cause.

Run it again with `{"price": "2.40"}`, and it succeeds.
"""

from taskengine import TaskEvent, task


class PriceListError(Exception):
    """A line of the price list makes no sense."""


@task
def run(event: TaskEvent) -> float:
    """Add up a price list with a fault in it.

    Payload:
        price: what stands in the list's last line; "n/a" by default, which is no price.
    """
    lines = ["tea: 3.10", "coffee: 4.50", f"water: {event.payload.get('price', 'n/a')}"]
    print(f"Adding up {len(lines)} prices")
    event.context.log.warning("nobody has checked this list")
    return total_of(lines)


def total_of(lines: list[str]) -> float:
    """The sum of all prices. Raises PriceListError with the number of the wrong line."""
    total = 0.0
    for number, line in enumerate(lines, start=1):
        try:
            total += price_of(line)
        except ValueError as error:
            raise PriceListError(f"line {number} has no price: {line!r}") from error
        print(f"{line:<14} makes {total:.2f}")
    return total


def price_of(line: str) -> float:
    """The price in a line such as `tea: 3.10`. Raises ValueError."""
    _, _, price = line.partition(":")
    return float(price)
