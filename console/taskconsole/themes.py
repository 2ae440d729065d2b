"""The console's own two themes. Widgets name the variables; colours stand here and nowhere else."""

from textual.theme import Theme

DARK = Theme(
    name="taskconsole-dark",
    dark=True,
    primary="#7cb7ff",
    secondary="#b9a5ff",
    accent="#ffb454",
    success="#7fd88f",
    warning="#f2c661",
    error="#ff7b85",
    foreground="#e3e8f0",
    background="#11151c",
    surface="#181d26",
    panel="#222936",
    variables={
        "border": "#7cb7ff",
        "border-blurred": "#3a4456",
        "block-cursor-background": "#1f3651",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#222c3a",
        "input-selection-background": "#7cb7ff 35%",
        "text-muted": "#9caabf",
        "footer-key-foreground": "#ffb454",
        "scrollbar": "#3a4456",
        "scrollbar-hover": "#55637c",
        "scrollbar-active": "#7cb7ff",
        "scrollbar-background": "#11151c",
        "scrollbar-background-hover": "#181d26",
        "scrollbar-background-active": "#181d26",
        "scrollbar-corner-color": "#11151c",
    },
)

LIGHT = Theme(
    name="taskconsole-light",
    dark=False,
    primary="#0b57b0",
    secondary="#6438b8",
    accent="#9a4a00",
    success="#17692b",
    warning="#835a00",
    error="#b3132a",
    foreground="#1b222d",
    background="#fafbfc",
    surface="#f0f2f6",
    panel="#e3e7ee",
    variables={
        "border": "#0b57b0",
        "border-blurred": "#b4bfcd",
        "block-cursor-background": "#cfe2fb",
        "block-cursor-foreground": "#0b1016",
        "block-cursor-blurred-background": "#e6ebf2",
        "input-selection-background": "#0b57b0 25%",
        "text-muted": "#566274",
        "footer-key-foreground": "#9a4a00",
        "scrollbar": "#b4bfcd",
        "scrollbar-hover": "#8e9bac",
        "scrollbar-active": "#0b57b0",
        "scrollbar-background": "#fafbfc",
        "scrollbar-background-hover": "#f0f2f6",
        "scrollbar-background-active": "#f0f2f6",
        "scrollbar-corner-color": "#fafbfc",
    },
)

THEMES = (DARK, LIGHT)


def other(name: str) -> str:
    """The theme that the key changes to."""
    return LIGHT.name if name == DARK.name else DARK.name


def is_own(name: str) -> bool:
    """Whether a theme is one of the console's own."""
    return any(theme.name == name for theme in THEMES)
