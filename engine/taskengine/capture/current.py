"""The run that the code at hand belongs to, as far as its output goes."""

from contextvars import ContextVar

from taskengine.capture.sink import RunOutput

current_sink: ContextVar[RunOutput | None] = ContextVar("current_sink", default=None)
