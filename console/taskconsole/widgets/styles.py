"""Styles of component classes, for widgets that draw their own lines."""

from rich.style import Style
from textual.widget import Widget


def component_style(widget: Widget, component: str) -> Style:
    """What a component class sets, and nothing that it only inherits.

    Transparent colours are blended with what is below them; Textual's own partial styles take
    them as they are, so that text at half its strength would be drawn at full.
    """
    own = widget.get_component_rich_style(component, partial=True)
    blended = widget.get_component_rich_style(component)
    return own + Style(
        color=blended.color if own.color else None,
        bgcolor=blended.bgcolor if own.bgcolor else None,
    )
