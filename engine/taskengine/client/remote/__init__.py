"""The handle of an engine in another process, behind a unix socket or a URL."""
