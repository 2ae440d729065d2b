"""How a screen or a command reaches an engine: the `Handle` protocol and its implementations."""
