"""Fetched lines, as far as there is room."""

from hypothesis import given
from hypothesis import strategies as st

from support.thorough import examples
from taskengine.client.remote.line_store import BLOCK, LineStore

RANGES = st.tuples(st.integers(0, 1_500), st.integers(0, 1_200)).map(
    lambda one: (one[0], one[0] + one[1])
)


def text(line: int) -> str:
    return f"line {line}"


def lines(start: int, stop: int) -> list[str]:
    return [text(line) for line in range(start, stop)]


@examples(20)
@given(st.lists(RANGES, max_size=8), RANGES)
def test_it_gives_what_was_put_in_and_says_what_is_missing(
    put: list[tuple[int, int]], asked: tuple[int, int]
) -> None:
    store, known = LineStore(), set[int]()
    for start, stop in put:
        store.put(start, lines(start, stop))
        known |= set(range(start, stop))

    wanted = [line for line in range(*asked) if line not in known]

    assert store.missing(*asked) == ((wanted[0], wanted[-1] + 1) if wanted else None)
    assert store.read(*asked) == (None if wanted else lines(*asked))


def test_the_lines_that_were_used_last_stay() -> None:
    store = LineStore(most_lines=4 * BLOCK)
    store.put(0, lines(0, 4 * BLOCK))
    assert store.read(0, 1) == lines(0, 1)

    store.put(9 * BLOCK, lines(9 * BLOCK, 10 * BLOCK))

    assert store.missing(0, 4 * BLOCK) == (BLOCK, 2 * BLOCK)
    store.put(0, lines(0, 100 * BLOCK))
    assert store.missing(97 * BLOCK, 100 * BLOCK) is None
    assert store.missing(0, BLOCK) == (0, BLOCK)


def test_long_lines_take_more_room() -> None:
    store = LineStore(most_chars=10_000)
    for block in range(20):
        store.put(block * BLOCK, ["x" * 1_000] * 3)
    assert store.read(19 * BLOCK, 19 * BLOCK + 3) is not None
    assert store.read(0, 3) is None
