"""The smallest useful task: what goes in comes out."""

import json

from taskengine import TaskEvent, task


@task(name="Echo", description="Print the payload and give it back")
async def run(event: TaskEvent) -> dict[str, object]:
    """Take any payload at all."""
    print(f"This is {event.name}. The payload:")
    print(json.dumps(event.payload, indent=2, ensure_ascii=False))
    # `{"result": value}` and plain `value` mean the same. A payload may have a key `result` of its
    # own, so here the long form is the one that is always right.
    return {"result": event.payload}
