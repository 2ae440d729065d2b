"""How the main screen is laid out."""

from taskconsole.screens.sizes import sized_css

_OWN = """
    #upper { height: 1fr; min-height: 7; }
    TaskPanel { width: 5fr; }
    #right { width: 4fr; }
    #below { height: 1fr; min-height: 6; }

    &.-tall #upper { height: 12fr; }
    &.-tall #below { height: 11fr; }

    &.-short #field { max-height: 1; }
    &.-short #validity { max-height: 2; }
    &.-short TaskPanel #example { display: none; }

    &.-narrow TaskPanel { width: 1fr; }
    &.-narrow #right { display: none; width: 1fr; }
    &.-narrow.-detail TaskPanel { display: none; }
    &.-narrow.-detail #right { display: block; }

    &.-zoomed #upper { display: none; }
"""
MAIN_CSS = sized_css("MainScreen", _OWN)
