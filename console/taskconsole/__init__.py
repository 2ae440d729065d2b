"""The terminal console for the tasks of a project. The engine is `taskengine`."""
