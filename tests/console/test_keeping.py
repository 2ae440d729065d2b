"""When texts are kept with the project."""

import asyncio

import pytest

from taskconsole import keeping
from taskconsole.keeping import Keeper
from taskengine import Engine
from taskengine.client.local import LocalHandle
from taskengine.errors import EngineUnreachable, TaskError
from taskengine.history.memory import MemoryHistory
from taskengine.records import StateKind

DRAFT = StateKind.DRAFT


class HeardHandle(LocalHandle):
    """A handle that tells when something was kept."""

    def __init__(self) -> None:
        super().__init__(Engine(history=MemoryHistory()))
        self.was_kept = asyncio.Event()

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        await super().keep(kind, name, text)
        self.was_kept.set()


class AwayHandle(HeardHandle):
    """A handle of an engine that does not answer until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked = asyncio.Event()
        self.answers = False
        self.hangs = False

    async def keep(self, kind: StateKind, name: str, text: str | None) -> None:
        self.was_asked.set()
        if self.hangs:
            await asyncio.Event().wait()
        if text == "too long":
            raise TaskError("a text may have 7 letters")
        if not self.answers:
            raise EngineUnreachable("nobody answers")
        await super().keep(kind, name, text)


async def test_what_an_engine_elsewhere_did_not_hear_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "RETRY", 0.01)
    handle = AwayHandle()
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    keeper.keep_soon("y", "b")
    await handle.was_asked.wait()
    handle.answers = True
    await handle.was_kept.wait()
    await keeper.close()
    assert handle.kept(DRAFT) == {"x": "a", "y": "b"}


async def test_an_engine_that_does_not_answer_is_left_all_the_same() -> None:
    handle = AwayHandle()
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    await keeper.close()
    assert handle.was_asked.is_set()
    assert keeper.unkept == {"x": "a"}


async def test_what_is_given_up_while_it_is_kept_is_unkept() -> None:
    handle = AwayHandle()
    handle.hangs = True
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await keeper.close()
    assert keeper.unkept == {"x": "a"}


async def test_what_is_refused_keeps_nothing_else_back() -> None:
    handle = AwayHandle()
    handle.answers = True
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "too long")
    keeper.keep_soon("y", "b")
    await keeper.flush()
    assert handle.kept(DRAFT) == {"y": "b"}
    assert keeper.unkept == {"x": "too long"}
    keeper.keep_soon("x", "a")
    await keeper.close()
    assert handle.kept(DRAFT) == {"x": "a", "y": "b"}
    assert keeper.unkept == {}


async def test_a_text_is_kept_by_itself_when_it_stops_changing() -> None:
    handle = HeardHandle()
    keeper = Keeper(handle, DRAFT)
    for text in ("a", "ab", "abc"):
        keeper.keep_soon("x", text)
    assert handle.kept(DRAFT) == {}
    await handle.was_kept.wait()
    assert handle.kept(DRAFT) == {"x": "abc"}


async def test_a_text_that_never_stops_changing_is_kept_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "QUIET", 20.0)
    monkeypatch.setattr(keeping, "LONGEST", 0.0)
    handle = HeardHandle()
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    keeper.keep_soon("x", "ab")
    await handle.was_kept.wait()
    assert handle.kept(DRAFT) == {"x": "ab"}


async def test_leaving_keeps_everything_and_nothing_after_it() -> None:
    handle = HeardHandle()
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    keeper.keep_soon("y", "b")
    await keeper.close()
    assert handle.kept(DRAFT) == {"x": "a", "y": "b"}
    keeper.keep_soon("x", "late")
    await keeper.flush()
    assert handle.kept(DRAFT)["x"] == "a"


async def test_none_keeps_no_text_any_more() -> None:
    handle = HeardHandle()
    await handle.keep(DRAFT, "x", "a")
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", None)
    await keeper.flush()
    assert handle.kept(DRAFT) == {}


async def test_what_goes_back_to_how_it_was_while_it_is_kept_is_kept_so() -> None:
    handle = HeardHandle()
    await handle.keep(DRAFT, "x", "before")
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "after")
    flush = asyncio.create_task(keeper.flush())
    keeper.keep_soon("x", "before")
    await flush
    await keeper.close()
    assert handle.kept(DRAFT) == {"x": "before"}


async def test_what_is_kept_already_is_not_kept_again() -> None:
    handle = HeardHandle()
    await handle.keep(DRAFT, "x", "a")
    kept = handle.kept(DRAFT)
    keeper = Keeper(handle, DRAFT)
    keeper.keep_soon("x", "a")
    await keeper.close()
    assert handle.kept(DRAFT) is kept
