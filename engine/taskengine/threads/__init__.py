"""The engine's own threads: event loops and bounded pools that never keep a process alive."""
