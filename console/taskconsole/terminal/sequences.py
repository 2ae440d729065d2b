"""Control sequences that the console needs besides those that Textual writes."""

# The end of an unfinished sequence, then what Textual switches on, switched off: synchronised
# output, bracketed paste, line wrap, in-band resize, mouse, focus, kitty keys, alternate screen,
# colours, cursor.
RESET = (
    "\x1b\\\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l"
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"
    "\x1b[<u\x1b[?1049l\x1b[0m\x1b[?25h"
)

# What Textual writes to go to the alternate screen, and to come back to the cursor of the other.
SCREEN_SWITCHES = frozenset({"\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"})
