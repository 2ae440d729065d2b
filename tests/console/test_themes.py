"""The two themes can be read by people with weak eyes."""

import pytest
from textual.color import Color
from textual.theme import Theme

from taskconsole.themes import DARK, LIGHT, THEMES, other

READABLE = 4.5  # the contrast that WCAG 2 asks of body text
TEXTS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
GROUNDS = ("background", "surface", "panel")


def contrast(one: str, two: str) -> float:
    bright, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in Color.parse(colour).normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_colour_of_text_is_readable_on_every_ground(theme: Theme) -> None:
    grounds = {name: getattr(theme, name) for name in GROUNDS}
    grounds["cursor"] = theme.variables["block-cursor-background"]
    texts = {name: getattr(theme, name) for name in TEXTS}
    texts["muted"] = theme.variables["text-muted"]
    weak = {
        (text, ground): round(contrast(texts[text], grounds[ground]), 2)
        for text in texts
        for ground in grounds
        if contrast(texts[text], grounds[ground]) < READABLE
    }
    assert weak == {}


def test_each_theme_changes_to_the_other() -> None:
    assert other(DARK.name) == LIGHT.name
    assert other(other(DARK.name)) == DARK.name
