"""Whose output is whose: what code writes while it runs ends up with the run it belongs to."""

from taskengine.capture.capture import Capture
from taskengine.capture.current import current_sink
from taskengine.capture.sink import RunOutput

__all__ = ["Capture", "RunOutput", "current_sink"]
