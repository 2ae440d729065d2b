"""How the main screen is laid out at each size."""

WIDTHS: list[tuple[int, str]] | None = [
    (0, "-too-narrow"),
    (60, "-narrow"),
    (76, "-medium"),
    (110, "-wide"),
]
HEIGHTS: list[tuple[int, str]] | None = [(0, "-too-short"), (16, "-short"), (30, "-tall")]

MAIN_CSS = """
MainScreen {
    layout: vertical;
    background: $background;
    #upper { height: 1fr; min-height: 7; }
    TaskPanel { width: 5fr; }
    #right { width: 4fr; }
    OutputPane { border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    OutputPane:focus-within { border-title-color: $foreground; border-subtitle-color: $foreground; }
    #below { height: 1fr; min-height: 6; }
    #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle; }

    &.-tall #upper { height: 12fr; }
    &.-tall #below { height: 11fr; }

    &.-short #field { max-height: 1; }
    &.-short #validity { max-height: 2; }

    &.-medium #project { max-width: 18; }
    &.-narrow #project { max-width: 12; }

    &.-narrow TaskPanel { width: 1fr; }
    &.-narrow #right { display: none; width: 1fr; }
    &.-narrow.-detail TaskPanel { display: none; }
    &.-narrow.-detail #right { display: block; }

    &.-zoomed #upper { display: none; }

    &.-medium #brand { display: none; }
    &.-narrow #brand { display: none; }
    &.-too-narrow > Widget { display: none; }
    &.-too-short > Widget { display: none; }
    &.-too-narrow > #too-small { display: block; }
    &.-too-short > #too-small { display: block; }
}
"""
