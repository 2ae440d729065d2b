"""The run that the code at hand belongs to, as far as its output goes."""

from contextvars import ContextVar

from taskengine.capture.sink import TextSink

current_sink: ContextVar[TextSink | None] = ContextVar("current_sink", default=None)
