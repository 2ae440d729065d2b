"""The commands that a Nitro server can't be given."""
# ruff: noqa: ARG002 - what they would be given counts for nothing

from datetime import datetime
from pathlib import Path

from taskengine.client.abilities import Ability
from taskengine.client.nitro.refusals import refuse
from taskengine.client.views import SourceView
from taskengine.run import DelayedRun, Payload, Run


class RefusedCommands:
    """Commands that raise NotPossible, with the words that `refusal` has for them."""

    async def cancel_run(self, run_id: int) -> bool:
        """Nitro can't."""
        raise refuse(Ability.CANCEL)

    async def run_later(self, task: str, payload: Payload, at: datetime) -> DelayedRun:
        """Nitro can't."""
        raise refuse(Ability.RUN_LATER)

    async def cancel_delayed(self, delayed_id: int) -> bool:
        """Nitro can't."""
        raise refuse(Ability.RUN_LATER)

    async def run_missed(self, missed_id: int) -> Run:
        """Nitro can't."""
        raise refuse(Ability.MISSED)

    async def dismiss_missed(self, missed_id: int) -> bool:
        """Nitro can't."""
        raise refuse(Ability.MISSED)

    async def pause(self, task: str, reason: str = "") -> None:
        """Nitro can't."""
        raise refuse(Ability.PAUSE)

    async def resume(self, task: str) -> None:
        """Nitro can't."""
        raise refuse(Ability.PAUSE)

    async def set_scheduling(self, *, on: bool) -> None:
        """Nitro can't."""
        raise refuse(Ability.SCHEDULING)

    async def source(self, task: str) -> SourceView:
        """Nitro can't."""
        raise refuse(Ability.SOURCE)

    async def create_example(self) -> Path:
        """Nitro can't."""
        raise refuse(Ability.EXAMPLE)
