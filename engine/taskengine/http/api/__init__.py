"""Our own interface, below `/api/v1`: all that a `Handle` can do, and the stream of events."""
