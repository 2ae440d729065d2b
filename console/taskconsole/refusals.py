"""Which actions not every engine can do, and why the one at hand can't: the one place for both."""

from collections.abc import Mapping
from types import MappingProxyType

from taskengine.client.abilities import Ability
from taskengine.client.handle import Handle

NEEDED: Mapping[str, Ability] = MappingProxyType(
    {
        "cancel_run": Ability.CANCEL,
        "rerun": Ability.RERUN,
        "run_later": Ability.RUN_LATER,
        "pause": Ability.PAUSE,
        "resume": Ability.PAUSE,
        "open_source": Ability.SOURCE,
        "create_example": Ability.EXAMPLE,
        "save_preset": Ability.KEEP,
        "pick_preset": Ability.KEEP,
        "show_runs": Ability.HISTORY,
        "show_pending": Ability.MISSED,
    }
)
"""What an action asks of an engine, by the action's name without its target."""


def why_not(handle: Handle, action: str) -> str:
    """Why an action can't be done with this engine, for people; empty if it can."""
    ability = NEEDED.get(action)
    return handle.refusal(ability) if ability else ""


def verdict(handle: Handle, action: str, *, would_do: bool) -> bool | None:
    """What a `check_action` of Textual answers: False hides an action that would do nothing now;
    None greys one that this engine can't do.
    """
    if not would_do:
        return False
    return None if why_not(handle, action) else True
