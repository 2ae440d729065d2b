"""The faults of single fields of a typed payload, brought to their places in the text."""

from collections.abc import Iterable, Sequence

from taskconsole.widgets.json_places import path_at, place_of, places
from taskconsole.widgets.payload_check import PayloadFault
from taskconsole.widgets.payload_schema import PayloadSchema
from taskengine.errors import FieldFault

_LONGEST_LOOKED_AT = 20_000


def located(text: str, faults: Iterable[FieldFault]) -> Sequence[PayloadFault]:
    """Where in the text each fault is, in the order of the places; a field that is missing is told
    where it ought to be.
    """
    found = [_fault_at(text, place_of(text, fault.path), str(fault)) for fault in faults]
    return tuple(sorted(found, key=lambda fault: (fault.line, fault.column)))


def _fault_at(text: str, position: int, message: str) -> PayloadFault:
    line = text.count("\n", 0, position) + 1
    return PayloadFault(message, line, position - text.rfind("\n", 0, position))


def in_words(faults: Sequence[PayloadFault]) -> str:
    """The first fault, and how many there are besides."""
    more = f"  (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0]}{more}"


def words_at(schema: PayloadSchema, text: str, position: int) -> str:
    """What there is to know about the field at the cursor; of a large text, nothing."""
    if len(text) > _LONGEST_LOOKED_AT:
        return ""
    path = path_at(text, position)
    if described := schema.describe(path):
        return described
    size = len(path) + 1
    present = [one.path[-1] for one in places(text) if len(one.path) == size]
    return schema.missing(path, [key for key in present if isinstance(key, str)])
