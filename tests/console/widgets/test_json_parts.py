"""Large JSON values in groups."""

from taskconsole.widgets.json_parts import Group, Part, members


def test_a_small_list_is_given_member_by_member() -> None:
    assert list(members(Part(None, ["a", "b"]))) == [Part(0, "a"), Part(1, "b")]


def test_a_scalar_has_no_members() -> None:
    assert list(members(Part("a", "text"))) == []


def test_a_large_list_is_given_in_groups_that_miss_nothing() -> None:
    value = list(range(100_000))
    groups = list(members(Part(None, value)))
    assert len(groups) == 10
    leaves: list[Part] = []
    waiting = list(groups)
    while waiting:
        group = waiting.pop(0)
        assert isinstance(group, Group)
        for member in members(group):
            if isinstance(member, Group):
                waiting.append(member)
            else:
                leaves.append(member)
    assert sorted(leaf.key for leaf in leaves if isinstance(leaf.key, int)) == value
    assert all(leaf.key == leaf.value for leaf in leaves)


def test_a_group_of_an_object_knows_its_own_members() -> None:
    value = {str(number): number for number in range(500)}
    second = list(members(Part(None, value)))[1]
    assert isinstance(second, Group)
    assert second.content == {str(number): number for number in range(100, 200)}
    assert next(members(second)) == Part("100", 100)
