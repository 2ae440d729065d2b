"""The small things of a project in memory."""

from taskengine.history.memory_state import MemoryState
from taskengine.records import StateKind


async def test_a_text_is_kept_by_kind_and_name_until_it_is_replaced() -> None:
    state = MemoryState()
    await state.keep(StateKind.DRAFT, "job", "before")
    await state.keep(StateKind.DRAFT, "other", "")
    seen = state.all(StateKind.DRAFT)
    await state.keep(StateKind.DRAFT, "job", "after")
    await state.keep(StateKind.DRAFT, "other", None)
    await state.keep(StateKind.PAUSE, "job", None)

    assert seen == {"job": "before", "other": ""}
    assert state.all(StateKind.DRAFT) == {"job": "after"}
    assert state.all(StateKind.PAUSE) == {}
