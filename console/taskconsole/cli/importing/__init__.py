"""Imports a project's tasks in other processes, which may hang or die of what they import."""
