"""How the runs screen is laid out."""

from taskconsole.screens.sizes import sized_css

_OWN = """
    RunPanel { height: 12fr; min-height: 7; }
    #below { height: 11fr; min-height: 6; display: none; }
    &.-watching #below { display: block; }
    &.-zoomed RunPanel { display: none; }
"""
RUNS_CSS = sized_css("RunsScreen", _OWN)
