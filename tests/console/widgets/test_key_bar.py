"""What of the keys has room in the last line."""

from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding

from taskconsole.widgets.key_bar import ALWAYS, fit, width_of
from taskconsole.widgets.keys import KeyHint


def hint(name: str, label: str) -> KeyHint:
    return KeyHint(Binding("x", "do", label, id=name), "x")


LEAVE = [hint(name, "Word") for name in reversed(ALWAYS)]


@given(st.lists(st.text("ab ", min_size=1, max_size=20)), st.integers(0, 200))
def test_help_commands_and_quit_stay_whatever_else_goes(labels: list[str], width: int) -> None:
    hints = [*(hint("other", label) for label in labels), *LEAVE]
    left, right = fit(hints, width)
    assert [one.binding.id for one in right] == list(ALWAYS)
    taken = sum(map(width_of, (*left, *right)))
    assert not left or taken <= width


def test_what_comes_first_keeps_its_room_first() -> None:
    hints = [hint("a", "first"), hint("b", "second"), hint("c", "third")]
    left, _ = fit(hints, width_of(hints[0]) + width_of(hints[1]))
    assert left == hints[:2]


def test_what_matters_most_comes_first_and_nothing_jumps_the_queue() -> None:
    names = ("other", "tasks.filter", "payload.edit", "editor.leave", "run.cancel", "task.run")
    hints = [hint(name, "Word") for name in names]
    long = hint("tasks.filter", "A word too long to fit")
    assert fit(hints, 80)[0] == [*reversed(hints[1:]), hints[0]]
    assert fit([hints[0], long], width_of(long) - 1)[0] == []
