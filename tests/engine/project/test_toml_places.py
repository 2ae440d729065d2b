"""Finding the lines of keys in TOML text."""

import pytest

from taskengine.project.toml_places import TomlPlaces

TEXT = '''
tasks_dir = "tasks"   # 2

[tasks."db:migrate"]  # 4
handler = """
  [tasks.fake]
  x = 1
"""
'schedule' = [        # 9
  "a",                # 10
  # a comment, with ] and "quotes
  { cron = "b", payload = { deep = 1 } },
  "c", "d",           # 13
]
a.b."c d" = 1         # 15

[[tasks.x.schedule]]  # 17
cron = "1"
[[tasks.x.schedule]]  # 19
cron = "2"
[tasks.x.schedule.payload]
y = 1                 # 22
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("tasks_dir",), 2),
        (("tasks", "db:migrate"), 4),
        (("tasks", "db:migrate", "handler"), 5),
        (("tasks", "db:migrate", "schedule"), 9),
        (("tasks", "db:migrate", "schedule", 0), 10),
        (("tasks", "db:migrate", "schedule", 1), 12),
        (("tasks", "db:migrate", "schedule", 1, "payload", "deep"), 12),
        (("tasks", "db:migrate", "schedule", 3), 13),
        (("tasks", "db:migrate", "a", "b", "c d"), 15),
        (("tasks", "x", "schedule", 0), 17),
        (("tasks", "x", "schedule", 1, "cron"), 20),
        (("tasks", "x", "schedule", 1, "payload", "y"), 22),
    ],
)
def test_every_key_and_item_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert TomlPlaces(TEXT).line(*path) == line


def test_what_is_not_there_has_the_line_of_what_it_would_stand_in() -> None:
    places = TomlPlaces(TEXT)

    assert places.line("tasks", "db:migrate", "timezone") == 4
    assert places.line("nothing") is None


def test_paths_can_be_taken_as_below_a_table() -> None:
    places = TomlPlaces("[tool.other]\na = 1\n[tool.taskconsole]\na = 2\n", ("tool", "taskconsole"))

    assert (places.line("a"), places.line()) == (4, 3)


def test_line_ends_of_other_systems_and_odd_characters_do_not_shift_lines() -> None:
    assert TomlPlaces('a = "\u2028\x85"\r\nb = 1\r\n').line("b") == 2
