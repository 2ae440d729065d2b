"""How a log looks: the styles of its parts, in terms of the theme."""

LOG_CSS = """
LogView {
    color: $foreground;
    overflow-y: scroll;
    overflow-x: auto;
    scrollbar-size: 0 1;
    & > .log--time { color: $foreground 50%; }
    & > .log--debug { color: $foreground 60%; }
    & > .log--info { color: $primary; }
    & > .log--warning { color: $warning; text-style: bold; }
    & > .log--error { color: $error; text-style: bold; }
    & > .log--error-text { color: $error; }
    & > .log--critical { color: $error; text-style: bold reverse; }
    & > .log--stderr { color: $warning; }
    & > .log--logger { color: $foreground 65%; }
    & > .log--note { color: $secondary; text-style: italic; }
    & > .log--partial { color: $foreground 80%; }
    & > .log--gap { color: $foreground 65%; text-style: italic; }
    & > .log--to-come { color: $foreground 40%; }
    & > .log--more { color: $accent; text-style: bold; }
    & > .log--own-frame { color: $accent; text-style: bold; }
    & > .log--foreign-frame { color: $foreground 55%; }
    & > .log--exception { color: $error; text-style: bold; }
    & > .log--hit { background: $warning 35%; }
    & > .log--current-hit { color: $background; background: $warning; text-style: bold; }
}
"""
