"""The pane that shows the run being watched: its log, its result, its payload."""

from taskconsole.widgets.output.log_view import LogView
from taskconsole.widgets.output.pane import OutputPane

__all__ = ["LogView", "OutputPane"]
