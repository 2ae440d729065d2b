"""What the payload editor looks like. `make snapshots` accepts a new look."""

from collections.abc import Callable

import pytest

from support.widgets import Host
from taskconsole.widgets.json_editor import JsonEditor

Snap = Callable[..., bool]
FAULTY = """\
{
  "dryRun": true,
  "target": "head",
  "limits": [10, -2.5e3, null],
  "note": 'single'
}"""


@pytest.mark.parametrize("theme", ["taskconsole-dark", "taskconsole-light"])
def test_an_editor_with_a_fault(snap_compare: Snap, theme: str) -> None:
    app = Host(JsonEditor(FAULTY), theme)
    assert snap_compare(app, terminal_size=(60, 12), press=["tab"])
