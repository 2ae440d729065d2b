"""Attributes of other modules, replaced for a while and put back."""

from dataclasses import dataclass

_MISSING = object()


@dataclass(frozen=True, slots=True)
class _Patch:
    owner: object
    name: str
    before: object
    value: object

    def undo(self) -> None:
        if vars(self.owner).get(self.name) is not self.value:
            return  # somebody has wrapped ours since; without a current run it only passes on
        if self.before is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.before)


class Patches:
    """What has been replaced, in order."""

    def __init__(self) -> None:
        self._done: list[_Patch] = []

    def replace(self, owner: object, name: str, value: object) -> None:
        """Set an attribute of a module or class until `undo`."""
        before = vars(owner).get(name, _MISSING)
        self._done.append(_Patch(owner, name, before, value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back, the last one first."""
        while self._done:
            self._done.pop().undo()
