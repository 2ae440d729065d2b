"""How the runs screen is laid out at each size."""

RUNS_CSS = """
RunsScreen {
    layout: vertical;
    background: $background;
    RunPanel { height: 12fr; min-height: 7; }
    #below { height: 11fr; min-height: 6; display: none; }
    &.-watching #below { display: block; }
    &.-zoomed RunPanel { display: none; }
    #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle; }
    OutputPane { border-title-color: $text-muted; border-subtitle-color: $text-muted; }
    OutputPane:focus-within { border-title-color: $foreground; }
    &.-medium #project { max-width: 18; }
    &.-narrow #project { max-width: 12; }
    &.-medium #brand { display: none; }
    &.-narrow #brand { display: none; }
    &.-too-narrow > Widget { display: none; }
    &.-too-short > Widget { display: none; }
    &.-too-narrow > #below { display: none; }
    &.-too-short > #below { display: none; }
    &.-too-narrow > #too-small { display: block; }
    &.-too-short > #too-small { display: block; }
}
"""
