"""Where a line too wide for the view is broken: after as many characters as fit, words or not."""

from rich.cells import get_character_cell_size


def break_offsets(plain: str, width: int, indent: int) -> list[int]:
    """The indices at which rows after the first begin; those rows are set in by `indent`."""
    rest = max(width - indent, 1)
    if plain.isascii():
        return list(range(width, len(plain), rest))
    return _wide_offsets(plain, width, rest)


def _wide_offsets(plain: str, width: int, rest: int) -> list[int]:
    offsets: list[int] = []
    room = width
    for index, character in enumerate(plain):
        cells = get_character_cell_size(character)
        if cells > room and index:
            offsets.append(index)
            room = rest
        room -= cells
    return offsets


def row_count(cells: int, width: int, indent: int) -> int:
    """How many rows a line takes whose characters are all one cell wide."""
    if cells <= width:
        return 1
    rest = max(width - indent, 1)
    return 1 + -(-(cells - width) // rest)
