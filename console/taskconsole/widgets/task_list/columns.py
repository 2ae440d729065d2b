"""Which columns a list of a given width has, and how wide each is."""

from dataclasses import dataclass, replace

GAP = 2
NEXT_WIDTH, NEXT_MINIMUM = 14, 12
LAST_WIDTH = 9
NAME_MINIMUM = 11
SCHEDULE_MINIMUM, SCHEDULE_MAXIMUM = 13, 24
SPARK_MINIMUM, SPARK_MAXIMUM = 6, 20


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the columns in cells; 0 for a column that has no room."""

    name: int
    schedule: int = 0
    next: int = 0
    last: int = 0
    spark: int = 0

    @property
    def free(self) -> int:
        """The cells that the columns beside the name take, with the gaps before them."""
        others = (self.schedule, self.next, self.last, self.spark)
        return sum(width + GAP for width in others if width)


def fit(width: int, longest_name: int) -> Columns:
    """The columns for a list of `width` cells whose longest name, indented, has `longest_name`.

    The countdown comes first, then the last outcome: rather than lose one of them, names are cut.
    Then come the schedule and the spark; what is left goes to the name.
    """
    name = max(NAME_MINIMUM, min(longest_name, width * 2 // 5))
    columns = Columns(name)
    for least, added in (
        (NAME_MINIMUM, Columns(name, next=NEXT_MINIMUM)),
        (name, Columns(name, next=NEXT_WIDTH)),
        (NAME_MINIMUM, Columns(name, next=NEXT_MINIMUM, last=LAST_WIDTH)),
        (name, Columns(name, next=NEXT_WIDTH, last=LAST_WIDTH)),
        (name, Columns(name, next=NEXT_WIDTH, last=LAST_WIDTH, schedule=SCHEDULE_MINIMUM)),
    ):
        if least + added.free <= width:
            columns = added
    return _spread(columns, width)


def _spread(columns: Columns, width: int) -> Columns:
    spare = width - columns.name - columns.free
    if columns.schedule:
        more = min(spare, SCHEDULE_MAXIMUM - SCHEDULE_MINIMUM)
        columns = replace(columns, schedule=SCHEDULE_MINIMUM + more)
        spare -= more
        if spare >= SPARK_MINIMUM + GAP:
            spark = min(spare - GAP, SPARK_MAXIMUM)
            columns = replace(columns, spark=spark)
            spare -= spark + GAP
    return replace(columns, name=columns.name + spare)
