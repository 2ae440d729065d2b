"""Small texts that are kept with the project, such as drafts and presets of payloads."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from taskengine.http.api.context import ApiContext
from taskengine.http.api.operation import Operations
from taskengine.http.api.parameters import Body
from taskengine.records import StateKind

kept = Operations("kept")

OwnKind: TypeAlias = Literal["draft", "preset", "console"]
"""Pauses are kept too, but begin and end with `pause` and `resume` of their task."""


class KeptTexts(msgspec.Struct, frozen=True, kw_only=True):
    """Texts by name."""

    texts: Mapping[str, str]


class Text(Body, frozen=True, kw_only=True):
    """A text to keep."""

    text: str


@kept.get("/kept/{kind}")
async def list_kept(api: ApiContext, kind: StateKind) -> KeptTexts:
    """The texts of one kind, by name."""
    return KeptTexts(texts=api.handle.kept(kind))


@kept.put("/kept/{kind}/{name}")
async def keep_text(api: ApiContext, kind: OwnKind, name: str, body: Text) -> None:
    """Keep a text, in place of the one before."""
    await api.handle.keep(StateKind(kind), name, body.text)


@kept.delete("/kept/{kind}/{name}")
async def drop_text(api: ApiContext, kind: OwnKind, name: str) -> None:
    """Keep a text no more."""
    await api.handle.keep(StateKind(kind), name, None)
