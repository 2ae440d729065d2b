"""The values of plain items, found by croniter.

croniter is given what it reads rightly and nothing else: a range of one value reads as a whole
field there, so it goes in as that value; years end at 2099 there, so they never go in.
"""

from collections.abc import Sequence

from taskengine.schedule.items import Span

_ORDER = (1, 2, 3, 4, 5, 0)  # croniter wants the seconds last
_WHOLE = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def expand(fields: Sequence[Sequence[Span]]) -> list[frozenset[int]]:
    """The values of the six fields from second to day-of-week. Sunday is 0."""
    # Its import takes longer than all of the engine's: a start without schedules does not pay it.
    from croniter import croniter

    texts = [_text(spans, whole) for spans, whole in zip(fields, _WHOLE, strict=True)]
    expanded, _ = croniter.expand(" ".join(texts[place] for place in _ORDER))
    values: list[frozenset[int]] = [frozenset()] * len(fields)
    for place, found in zip(_ORDER, expanded, strict=True):
        if fields[place]:
            values[place] = _numbers(place, found)
    return values


def _text(spans: Sequence[Span], whole: tuple[int, int]) -> str:
    if not spans or Span(*whole, 1) in spans:
        return "*"
    return ",".join(_item(span) for span in spans)


def _item(span: Span) -> str:
    if span.low == span.high:
        return str(span.low)
    return f"{span.low}-{span.high}/{span.step}"


def _numbers(place: int, found: Sequence[int | str]) -> frozenset[int]:
    if "*" in found:
        low, high = _WHOLE[place]
        return frozenset(range(low, high + 1))
    return frozenset(int(value) for value in found)
