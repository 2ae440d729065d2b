"""Payloads of calls, made ready beside the engine's loop."""

import asyncio

from taskengine.run import Payload
from taskengine.runs.request import CheckedPayload, checked_payload

_LARGE_BODY = 16_384  # bytes; less than that is checked in a few milliseconds


async def ready_payload(payload: Payload, body_size: int) -> Payload:
    """A payload that the engine takes at once. `body_size` is that of the body that it came in, in
    bytes: a megabyte of tiny values takes half a second to check. Raises InvalidPayload.
    """
    if body_size <= _LARGE_BODY:
        return payload
    return CheckedPayload(await asyncio.to_thread(checked_payload, payload))
