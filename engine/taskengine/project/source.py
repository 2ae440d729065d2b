"""Where a task comes from: what the loader may ask of a file or a handler."""

from pathlib import Path
from typing import Protocol

from taskengine.project.definition import Definition
from taskengine.project.loader import Loader
from taskengine.project.syntax import SyntaxReader


class TaskSource(Protocol):
    """One place that defines one task. Equal sources are the same place."""

    @property
    def name(self) -> str:
        """The task's name."""

    @property
    def path(self) -> Path | None:
        """The file with the task's code, if it is one of the project."""

    def scan(self, reader: SyntaxReader) -> Definition:
        """What can be known without running any of its code."""

    def module(self, loader: Loader) -> str:
        """The module that it imports; empty if there is none."""

    def load(self, loader: Loader, reader: SyntaxReader) -> Definition:
        """What can be known by importing it. Whatever goes wrong is the definition's problem."""
