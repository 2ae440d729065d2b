"""The payload editor, typed into."""

import json

import pytest
from textual.widgets.text_area import Selection

from support.widgets import Stage, staged
from taskconsole.widgets.json_editor import JsonEditor
from taskconsole.widgets.payload_check import PayloadFault


def styled(stage: Stage[JsonEditor], text: str, row: int = 0) -> str:
    """The colour in which a piece of a row is drawn."""
    line = stage.widget.get_line(row)
    at = line.plain.index(text)
    styles = [span.style for span in line.spans if span.start <= at < span.end]
    return str(styles[-1]) if styles else ""


async def test_the_payload_is_what_was_typed() -> None:
    async with staged(JsonEditor()) as stage:
        await stage.press(*'{"a": [1, true]}')
        assert stage.widget.payload() == {"a": [1, True]}
        assert stage.widget.fault is None


async def test_an_empty_editor_is_the_empty_payload() -> None:
    async with staged(JsonEditor()) as stage:
        assert stage.widget.payload() == {}
        assert stage.widget.fault is None


async def test_a_fault_is_told_when_it_comes_moves_and_goes() -> None:
    async with staged(JsonEditor()) as stage:
        await stage.press("{", "space", "}")
        faults = [message.fault for message in stage.told(JsonEditor.Checked)]
        assert faults == [
            PayloadFault('"{" of line 1, column 1 is never closed: add }', 1, 2),
            None,
        ]
        await stage.press("x", "backspace")
        assert len(stage.told(JsonEditor.Checked)) == 4
        assert {message.control for message in stage.told(JsonEditor.Checked)} == {stage.widget}


async def test_the_payload_of_a_faulty_text_is_the_fault() -> None:
    async with staged(JsonEditor('{"a": tru}')) as stage:
        with pytest.raises(PayloadFault) as caught:
            stage.widget.payload()
        assert caught.value == stage.widget.fault


async def test_the_faulty_character_is_marked_in_its_line() -> None:
    async with staged(JsonEditor('{\n  "a": 1,\n}')) as stage:
        assert stage.widget.fault == PayloadFault(
            "this comma before } has nothing after it: delete it", 2, 9
        )
        assert "underline" in styled(stage, ",", row=1)
        assert "underline" not in styled(stage, "1", row=1)
        assert "underline" not in styled(stage, "}", row=2)


async def test_a_fault_at_the_end_of_a_line_marks_its_last_character() -> None:
    async with staged(JsonEditor('{"a": 1')) as stage:
        assert "underline" in styled(stage, "1")


async def test_the_kinds_of_json_differ_in_colour_in_both_themes() -> None:
    async with staged(JsonEditor('{"key": "text", "n": -1.5e3, "t": true}')) as stage:
        for theme in ("taskconsole-dark", "taskconsole-light"):
            stage.app.theme = theme
            await stage.pilot.pause()
            found = {styled(stage, part) for part in ('"key"', '"text"', "-1.5e3", "true")}
            assert len(found) == 4
            assert "" not in found


async def test_lines_are_numbered() -> None:
    async with staged(JsonEditor("{\n}")) as stage:
        await stage.sees("1  {", "2  }")


@pytest.mark.parametrize(
    ("before", "after", "typed"),
    [
        ("|", "\n|", ["enter"]),
        ("{|", "{\n  |", ["enter"]),
        ("{|}", "{\n  |\n}", ["enter"]),
        ('{\n  "a": [|]\n}', '{\n  "a": [\n    |\n  ]\n}', ["enter"]),
        ('{\n  "a": 1,|', '{\n  "a": 1,\n  |', ["enter"]),
        ('  |"a"', '  \n  |"a"', ["enter"]),
        ("{\n  |", "{\n}|", ["}"]),
        ("{\n    |", "{\n  ]|", ["]"]),
        ('{\n  "a": [|', '{\n  "a": []|', ["]"]),
    ],
)
async def test_lines_are_indented_as_brackets_open_and_close(
    before: str, after: str, typed: list[str]
) -> None:
    async with staged(JsonEditor(before.replace("|", ""))) as stage:
        stage.widget.move_cursor(place_of_bar(before))
        await stage.press(*typed)
        assert stage.widget.text == after.replace("|", "")
        assert stage.widget.cursor_location == place_of_bar(after)


def place_of_bar(text: str) -> tuple[int, int]:
    before = text[: text.index("|")]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)


async def test_enter_replaces_what_is_selected() -> None:
    async with staged(JsonEditor('  "abc"')) as stage:
        stage.widget.selection = Selection((0, 3), (0, 6))
        await stage.press("enter")
        assert stage.widget.text == '  "\n  "'


async def test_the_partner_of_a_bracket_is_found() -> None:
    async with staged(JsonEditor('{"a": [1]}')) as stage:
        stage.widget.move_cursor((0, 6))
        assert stage.widget.matching_bracket_location == (0, 8)


async def test_tab_goes_on_to_the_next_widget() -> None:
    async with staged(JsonEditor("{}")) as stage:
        await stage.press("tab")
        assert stage.widget.text == "{}"


async def test_a_large_text_is_checked_in_a_pause_of_typing() -> None:
    large = json.dumps({"items": [{"id": number, "ok": True} for number in range(3_000)]}, indent=1)
    async with staged(JsonEditor()) as stage:
        stage.widget.text = large[:-1]
        await stage.until(lambda: stage.widget.fault is not None)
        assert stage.widget.fault is not None
        assert "never closed" in stage.widget.fault.message
        stage.widget.text = large
        await stage.until(lambda: stage.widget.fault is None)
        stage.widget.text = large[:-1]
        stage.widget.text = "{}"
        await stage.pilot.pause()
        assert stage.widget.fault is None


async def test_a_read_only_editor_takes_no_new_lines() -> None:
    async with staged(JsonEditor("{}")) as stage:
        stage.widget.read_only = True
        await stage.press("enter", "}")
        assert stage.widget.text == "{}"
