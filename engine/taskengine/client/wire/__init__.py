"""The form in which an engine's facts cross a socket; both its server and its clients use it."""
