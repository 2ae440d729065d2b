"""A JSON value as a tree."""

import json
from typing import Any

from textual.widgets.tree import TreeNode

from support.widgets import Stage, staged
from taskconsole.widgets.json_tree import JsonTree
from taskengine.run import JsonValue


def node_count(node: TreeNode[Any]) -> int:
    return 1 + sum(node_count(child) for child in node.children)


async def test_a_small_value_is_unfolded_with_its_scalars_as_json_writes_them() -> None:
    value: JsonValue = {"name": "x", "list": [1, 2.5, None, True], "empty": {}, "one": [0]}
    async with staged(JsonTree(value)) as stage:
        await stage.sees("{4 keys}", '"name": "x"', '"list": [4 items]', "1: 2.5", "2: null")
        await stage.sees("3: true", '"empty": {}', '"one": [1 item]')


async def test_a_value_without_members_is_one_row() -> None:
    values: list[JsonValue] = ["Success", None, 3, []]
    for value in values:
        async with staged(JsonTree(value)) as stage:
            await stage.sees(json.dumps(value))


async def test_another_value_takes_the_place_of_the_first() -> None:
    async with staged(JsonTree({"a": 1})) as stage:
        await stage.sees('"a": 1')
        stage.widget.show(["b"])
        await stage.sees("[1 item]", '0: "b"')
        assert '"a"' not in stage.text


async def test_a_large_value_is_made_into_nodes_only_where_it_is_unfolded() -> None:
    async with staged(JsonTree(list(range(100_000)))) as stage:
        await stage.sees("[100,000 items]", "▸ 0 … 9,999", "▸ 90,000 … 99,999")
        assert node_count(stage.widget.root) == 11
        await stage.press("down", "space", "down", "space")
        await stage.sees("▾ 0 … 9,999", "▾ 0 … 99", "0: 0")
        assert node_count(stage.widget.root) == 211


async def test_a_long_string_is_cut_with_a_mark() -> None:
    async with staged(JsonTree({"log": "x" * 1_000_000}), size=(600, 5)) as stage:
        await stage.sees('x" … 999,500 more characters')


async def test_strings_never_reach_the_terminal_raw() -> None:
    async with staged(JsonTree({"a\x1b[2J": "b\x1b[31m\x9b2J\u202e\ud800"})) as stage:
        await stage.sees(r'"a\u001b[2J": "b\u001b[31m')
        assert not any(char in stage.text for char in "\x1b\x9b\u202e\ud800")


async def test_folding_with_arrows_goes_in_and_out() -> None:
    async with staged(JsonTree({"a": {"b": 1}})) as stage:
        await stage.sees('"b": 1')
        await stage.press("right", "right")
        assert stage.widget.cursor_line == 2
        await stage.press("left")
        assert stage.widget.cursor_line == 1
        await stage.press("left")
        await stage.until(lambda: '"b": 1' not in stage.text)
        await stage.press("right")
        await stage.sees('"b": 1')


async def copied(stage: Stage[JsonTree], *keys: str) -> object:
    await stage.press(*keys, "c")
    value: object = json.loads(stage.app.clipboard)
    return value


async def test_the_value_under_the_cursor_can_be_copied_as_json() -> None:
    value: JsonValue = {"a": {"b": [1, 2]}, "ü": "é"}
    async with staged(JsonTree(value)) as stage:
        assert await copied(stage) == value
        assert await copied(stage, "down") == {"b": [1, 2]}
        assert await copied(stage, "end") == "é"
        assert [message.what for message in stage.told(JsonTree.Copied)] == ["the value"] * 3


async def test_a_group_is_copied_with_the_members_in_it() -> None:
    async with staged(JsonTree(list(range(1_000)))) as stage:
        assert await copied(stage, "down", "down") == list(range(100, 200))


async def test_a_value_too_large_for_a_clipboard_is_not_copied() -> None:
    async with staged(JsonTree(["x" * 2_000_000])) as stage:
        await stage.press("c")
        assert stage.app.clipboard == ""
        assert [message.too_long for message in stage.told(JsonTree.Copied)] == [True]
