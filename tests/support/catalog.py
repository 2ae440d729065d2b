"""Short questions to a catalog."""

from typing import Any, cast

from taskengine.problem import Problem
from taskengine.project.catalog import Catalog
from taskengine.task import TaskEvent


def call(catalog: Catalog, name: str) -> Any:
    """Call a task's function, which must not look at its event."""
    function = catalog.entries[name].function
    assert function is not None
    return function(cast(TaskEvent, None))


def only_problem(catalog: Catalog) -> Problem:
    """The catalog's one problem."""
    assert len(catalog.problems) == 1, catalog.problems
    return catalog.problems[0]
