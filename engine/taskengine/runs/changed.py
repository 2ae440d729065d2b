"""A run with other values in some of its fields."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from taskengine.run import Run

# `dataclasses.replace` looks up every field anew, and takes twice as long; every run is changed
# several times.
_FIELDS = Run.__slots__
_values_of = attrgetter(*_FIELDS)
_setters = {name: vars(Run)[name].__set__ for name in _FIELDS}


def changed(run: Run, changes: Mapping[str, Any]) -> Run:
    """A copy of a run with these fields changed. Raises KeyError for what is no field."""
    copy = Run.__new__(Run)
    for setter, value in zip(_setters.values(), _values_of(run), strict=True):
        setter(copy, value)
    for name, value in changes.items():
        _setters[name](copy, value)
    return copy
