"""Fuzzy search over task names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskconsole.widgets.task_list.fuzzy import find, rows

NAMES = ["cms:update", "db:cleanup", "db:migrate", "db:vacuum", "debug:all", "reports:daily:build"]


def names_found(query: str) -> list[str]:
    return [row.path for row in rows(query, NAMES)]


@pytest.mark.parametrize("query", ["dbm", "DBM", "d b m", "migr", "db:migrate"])
def test_letters_in_order_find_a_name_in_any_case(query: str) -> None:
    assert names_found(query)[0] == "db:migrate"


def test_letters_out_of_order_find_nothing() -> None:
    assert find("mbd", "db:migrate") is None


def test_beginnings_of_parts_are_better_than_letters_within() -> None:
    assert names_found("db")[:3] == ["db:vacuum", "db:cleanup", "db:migrate"]
    assert names_found("rdb")[0] == "reports:daily:build"


def test_matched_letters_stand_together_where_they_can() -> None:
    match = find("up", "cms:unit:update")
    assert match is not None
    assert match.places == (9, 10)


@given(st.text("abc:", min_size=1), st.text("abc:"))
def test_every_match_spells_the_query(query: str, name: str) -> None:
    match = find(query, name)
    if match is not None:
        assert "".join(name[place] for place in match.places) == query
        assert list(match.places) == sorted(set(match.places))


@given(st.text("abc:", min_size=1), st.data())
def test_a_name_is_found_by_any_letters_left_of_it(name: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    query = "".join(letter for letter, keep in zip(name, kept, strict=True) if keep)
    assert find(query, name) is not None
