"""A line to type in."""

from textual import events

from support.widgets import staged
from taskconsole.widgets.line_input import LineInput


async def test_what_is_pasted_can_not_steer_the_terminal() -> None:
    async with staged(LineInput()) as stage:
        stage.widget.value = "\x1b[2J"
        await stage.pilot.press("end")
        stage.widget.post_message(events.Paste("a\x1b]0;b\u202e"))
        await stage.pilot.press("c")
        assert stage.widget.value == "\ufffd[2Ja\ufffd]0;b\ufffdc"
