"""The places that streams have had, step by step, within bounds."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from support.thorough import examples
from taskengine import Engine
from taskengine.http.api.follow import Following
from taskengine.http.api.place import MOST_SAID, Place, id_of
from taskengine.http.api.trails import MOST_TRAILS, Trail, Trails

STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 4), st.none() | st.integers(0, 9)), max_size=40
)


@examples(60)
@given(STEPS, st.integers(1, 20))
def test_the_places_after_each_step_are_known_or_it_is_known_that_they_are_not(
    steps: list[tuple[int, int, int | None]], most: int
) -> None:
    trails = Trails(most)
    both = [trails.begin({1: 5}), trails.begin({})]
    were: list[list[dict[int, int]]] = [[{1: 5}], [{}]]
    for which, run, place in steps:
        both[which].move(run, place)
        now = {**were[which][-1]}
        now.pop(run, None)
        were[which].append(now if place is None else {**now, run: place})

    assert sum(known_steps(trails, one) for one in both) == min(most, len(steps))
    for trail, expected in zip(both, were, strict=True):
        kept = known_steps(trails, trail)
        assert trails.places_at(trail.number, trail.count + 1) is None
        for step, places in list(enumerate(expected))[-1 - kept :]:
            assert trails.places_at(trail.number, step) == places


def known_steps(trails: Trails, trail: Trail) -> int:
    found = (trails.places_at(trail.number, step) for step in range(trail.count))
    return sum(places is not None for places in found)


def test_a_trail_that_is_come_back_to_again_and_again_stays() -> None:
    trails = Trails()
    kept = trails.begin({1: 5})
    for _ in range(2 * MOST_TRAILS):
        trails.begin({})
        assert trails.places_at(kept.number, 0) == {1: 5}


def test_of_many_trails_those_that_were_left_first_go() -> None:
    trails = Trails()
    all_of_them = [trails.begin({run: 1}) for run in range(MOST_TRAILS)]
    all_of_them[0].move(0, 2)
    trails.begin({})
    all_of_them[1].move(1, 2)

    assert trails.places_at(all_of_them[0].number, 0) == {0: 1}
    assert trails.places_at(all_of_them[0].number, 1) == {0: 2}
    assert trails.places_at(all_of_them[1].number, 0) is None
    assert trails.places_at(99, 0) is None


def test_a_stream_whose_trail_has_gone_leaves_another_one(tmp_path: Path) -> None:
    trails, places = Trails(), {run: run + 1 for run in range(MOST_SAID + 1)}
    stream = Following(Engine(tmp_path), trails, frozenset(), follows_all=True, places=places)
    first = stream.text
    for _ in range(MOST_TRAILS):
        trails.begin({})

    assert stream.text != first
    place = Place.read(id_of("01234567-1", 1, stream.text))
    assert place
    assert place.step
    assert trails.places_at(*place.step) == places
