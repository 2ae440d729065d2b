"""What a Nitro server can't do, in words for people."""

from collections.abc import Mapping

from taskengine.client.abilities import Ability
from taskengine.errors import NotPossible

REFUSALS: Mapping[Ability, str] = {
    Ability.CANCEL: "Nitro has no way to cancel a run",
    Ability.RUN_LATER: "Nitro has no way to put off a run",
    Ability.PAUSE: "Nitro has no way to pause a schedule: change scheduledTasks in its config",
    Ability.SCHEDULING: "Nitro's schedules fire for as long as its server runs",
    Ability.MISSED: "Nitro keeps no record of what its schedules fired or missed",
    Ability.OUTPUT: "Nitro prints to its own terminal, not here",
    Ability.OPTIONS: "Nitro's tasks have no options",
    Ability.SOURCE: "Nitro does not say in which file a task is",
    Ability.EXAMPLE: "Nitro's tasks are written in JavaScript, in the tasks folder of its project",
    Ability.KEEP: "Nitro keeps nothing for others: presets need an engine of taskconsole's own",
}


def refuse(ability: Ability) -> NotPossible:
    """The error of a command that needs an ability which Nitro lacks."""
    return NotPossible(REFUSALS[ability])
