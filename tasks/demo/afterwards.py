"""`wait_until`: work that goes on after the function has returned, and still belongs to the run."""

import asyncio

from taskengine import TaskEvent, task


@task
async def run(event: TaskEvent) -> dict[str, str]:
    """Accept an order and print its receipt afterwards.

    Payload:
        order: its number; "4711" by default.
        seconds: how long the receipt takes; 1 by default.
    """
    order = str(event.payload.get("order", "4711"))
    seconds = float(event.payload.get("seconds", 1))
    event.context.wait_until(print_receipt(order, seconds))
    print(f"Order {order} is accepted; the function returns now")
    return {"order": order, "state": "accepted"}


async def print_receipt(order: str, seconds: float) -> None:
    """The run is over when this is. If it raised, the run would fail."""
    await asyncio.sleep(seconds)
    print(f"The receipt for order {order} is printed; the run ends now")
