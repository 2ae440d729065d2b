"""The tree of names."""

from collections.abc import Callable

import pytest

from taskconsole.widgets.task_list import fuzzy
from taskconsole.widgets.task_list.rows import Row, RowKind, flat, in_order, tree

NAMES = ["cms:update", "db", "db:migrate", "db:old:a", "db:old:b", "db2", "zoo"]


def tree_of(names: list[str], *folded: str) -> list[Row]:
    return tree(in_order(names), names, folded)


def drawn(*folded: str) -> list[str]:
    signs = {(True, True): "▸", (True, False): "▾", (False, False): " "}
    return [
        "  " * row.depth + signs[row.foldable, row.folded] + row.label
        for row in tree_of(NAMES, *folded)
    ]


def test_names_stand_under_the_groups_of_their_parts() -> None:
    assert drawn() == [
        "▾cms",
        "   update",
        "▾db",
        "   migrate",
        "  ▾old",
        "     a",
        "     b",
        " db2",
        " zoo",
    ]


def test_a_folded_group_hides_all_that_is_in_it() -> None:
    assert drawn("db") == ["▾cms", "   update", "▸db", " db2", " zoo"]


def test_a_fold_within_a_folded_group_is_kept_for_later() -> None:
    assert drawn("db", "db:old") == drawn("db")
    assert "  ▸old" in drawn("db:old")


def test_a_task_may_be_a_group_as_well() -> None:
    kinds = {row.path: row.kind for row in tree_of(NAMES)}
    assert kinds["db"] is RowKind.TASK
    assert kinds["cms"] is RowKind.GROUP


def test_a_flat_list_has_full_names_in_the_order_given() -> None:
    assert [row.label for row in flat(["b:z", "a"])] == ["b:z", "a"]


@pytest.mark.parametrize("listed", [tree_of, flat, lambda names: fuzzy.rows("na", names)])
def test_a_name_that_could_steer_the_terminal_is_shown_harmlessly(
    listed: Callable[[list[str]], list[Row]],
) -> None:
    (row,) = listed(["bad\x1b[2J\nname"])
    assert row.label == "bad␊name"
    assert row.path == "bad\x1b[2J\nname"
    assert "".join(row.label[place] for place in row.matched) in ("", "na")


def test_numbers_in_names_are_in_their_own_order() -> None:
    names = ["t10", "t2", "T1", "t2:b10", "t2:b9", "t", "t02", "tab"]
    listed = [row.path for row in tree_of(names)]
    assert listed == ["T1", "t", "t02", "t2", "t2:b9", "t2:b10", "t10", "tab"]
