"""What was known before a reload: it stands where nothing changed, and where the new is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from taskengine.problem import ProblemKind
from taskengine.project.definition import Definition
from taskengine.project.source import TaskSource


@dataclass(frozen=True, slots=True)
class LastGood:
    """The sources as they were, what their text said, and what came of loading them."""

    sources: Mapping[str, TaskSource]
    scanned: Mapping[str, Definition]
    definitions: Mapping[str, Definition]

    def standing(self, source: TaskSource, scanned: Definition) -> Definition | None:
        """The definition, if loading the source would give the same as long as its module is.

        A module that is not a file of the project may have come to be: it gets another chance.
        """
        definition = self.definitions.get(source.name)
        if definition is None or not definition.loaded:
            return None
        is_same = self.sources.get(source.name) == source
        if not is_same or self.scanned.get(source.name) != scanned:
            return None
        return definition if source.path or not definition.problem else None

    def or_old(self, new: Definition) -> Definition:
        """The new definition; if it is broken, the old one's code with the new one's problem."""
        old = self.definitions.get(new.name)
        if new.problem is None or old is None or old.function is None:
            return new
        if new.problem.kind is ProblemKind.NOT_IMPLEMENTED:
            return new
        return replace(old, problem=new.problem, path=new.path or old.path)
