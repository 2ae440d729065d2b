"""Work beside the screen, of which the latest counts."""

from collections.abc import Callable, Coroutine
from typing import Any

from textual.dom import DOMNode
from textual.worker import WorkType


def replace_worker(
    owner: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], group: str
) -> None:
    """Begin this in place of what the owner's group is still doing.

    The coroutine is made when it begins: one called off before that would be left unawaited.
    """
    begin: WorkType[None] = work
    owner.run_worker(begin, group=group, exclusive=True)
