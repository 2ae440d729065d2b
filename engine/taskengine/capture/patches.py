"""Functions of other modules, wrapped for a while, by several captures that end in any order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_MISSING = object()
Wrap = Callable[[Any], Any]


@dataclass(slots=True)
class _Layer:
    wrap: Wrap
    users: int = 1


class _Wrapped:
    """One attribute: what it was, and the layers around it. Equal layers are one, and counted."""

    def __init__(self, owner: object, name: str) -> None:
        self._owner = owner
        self._name = name
        self._own = vars(owner).get(name, _MISSING)
        self._original: object = getattr(owner, name)
        self._layers: list[_Layer] = []
        self._value = self._own

    def is_in_place(self) -> bool:
        """Whether nobody has wrapped ours since; such a wrapper goes on to call what it found."""
        return bool(self._layers) and vars(self._owner).get(self._name) is self._value

    def add(self, wrap: Wrap) -> None:
        for layer in self._layers:
            if layer.wrap == wrap:
                layer.users += 1
                return
        self._layers.append(_Layer(wrap))
        self._apply()

    def remove(self, wrap: Wrap) -> None:
        [layer] = [one for one in self._layers if one.wrap == wrap]
        layer.users -= 1
        if layer.users == 0:
            in_place = self.is_in_place()
            self._layers.remove(layer)
            if in_place:
                self._apply()

    def _apply(self) -> None:
        value = self._original
        for layer in self._layers:
            value = layer.wrap(value)
        self._value = value if self._layers else self._own
        if self._value is _MISSING:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._value)


_wrapped: dict[tuple[object, str], _Wrapped] = {}


class Patches:
    """What one capture has wrapped."""

    def __init__(self) -> None:
        self._done: list[tuple[_Wrapped, Wrap]] = []

    def wrap(self, owner: object, name: str, wrap: Wrap) -> None:
        """Replace a function of a module or class, until `undo`, by what `wrap` makes of it."""
        wrapped = _wrapped.get((owner, name))
        if wrapped is None or not wrapped.is_in_place():
            wrapped = _wrapped[owner, name] = _Wrapped(owner, name)
        wrapped.add(wrap)
        self._done.append((wrapped, wrap))

    def undo(self) -> None:
        """Take these wrappings away, the last one first."""
        while self._done:
            wrapped, wrap = self._done.pop()
            wrapped.remove(wrap)
