"""Files and tracebacks are read while others are: Python itself may lose count over that."""

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taskengine.project.syntax import read_syntax

DEFINITIONS = "\n".join(f"def f{number}(a):\n    return [a, [1, 2, 3]]" for number in range(50))


@contextmanager
def parsing_between(*, times: int) -> Iterator[None]:
    """Parse something whenever the garbage collector runs, as another thread may just then."""
    left = times
    threshold = gc.get_threshold()

    def parse(phase: str, info: dict[str, int]) -> None:
        nonlocal left
        if left and phase == "start":
            left -= 1
            ast.parse("x")

    gc.callbacks.append(parse)
    gc.set_threshold(100)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(parse)
    assert left < times, "nothing was parsed in between"


def test_a_file_is_read() -> None:
    with parsing_between(times=30):
        syntax = read_syntax(DEFINITIONS.encode(), Path("tasks/a.py"))

    assert syntax.problem is None
    assert len(syntax.attributes) == 50
