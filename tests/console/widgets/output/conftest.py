"""What the tests of the output pane share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from taskconsole.widgets.output.pane import OutputPane

STARTED = datetime(2026, 12, 24, 14, 3, 18, tzinfo=UTC)


@pytest.fixture
def pane() -> OutputPane:
    """A pane in which it is 3.2 seconds after the run's start, for ever."""
    return OutputPane(zone=UTC, now=lambda: STARTED + timedelta(seconds=3.2), root=Path("/project"))
