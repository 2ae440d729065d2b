"""The screens of apps that have no terminal."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

_PARSED: dict[Hashable, list[RuleSet]] = {}  # for as long as tests run


def screen_text(app: App[Any]) -> str:
    """The screen's lines without their colours, drawn anew."""
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


@contextmanager
def drawn_when_looked_at() -> Iterator[None]:
    """Spare apps the pictures of each change, a quarter of all their work: without a terminal
    Textual draws them and throws them away. Whole pictures are drawn as ever.
    """
    draw = Compositor.render_update

    def render_update(
        self: Compositor,
        full: bool = False,
        screen_stack: list[Screen[object]] | None = None,
        simplify: bool = False,
    ) -> RenderableType | None:
        if full:
            return draw(self, full, screen_stack, simplify)
        self._dirty_regions.clear()
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", render_update)
        yield


@contextmanager
def styles_read_once() -> Iterator[None]:
    """Spare apps the reading of style sheets that another one has read with the same colours."""
    parse = Stylesheet._parse_rules

    def parse_rules(self: Stylesheet, css: str, *args: Any, **named: Any) -> list[RuleSet]:
        colours = tuple(self._variables.items())
        key = (colours, css, args, tuple(named.items()))
        if key not in _PARSED:
            _PARSED[key] = parse(self, css, *args, **named)
        return _PARSED[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_rules)
        yield
