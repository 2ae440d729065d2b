"""How the project's own modules are compiled: from their source, never from bytecode."""

import linecache
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSource:
    """The text of a module when it was last imported, and whether that import failed.

    `passed_over` is True for a module that ought to be newer, but that no import reached.
    """

    path: Path
    text: bytes
    failed: bool = False
    passed_over: bool = False

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a package."""
        return self.path.name == "__init__.py"

    def is_outdated(self) -> bool:
        """Whether importing it now would read another text, or another file."""
        if self.passed_over or (self.path.with_suffix("") / "__init__.py").exists():
            return True
        try:
            return self.path.read_bytes() != self.text
        except OSError:
            return True


class SourceLoader(SourceFileLoader):
    """Compiles a module from its source each time, and tells what the source was.

    Bytecode is left alone: its check (the time to the second, and the size) takes a quick edit for
    no edit. `folder` is where the parts are of a module that is to act as a package.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        folder: Path | None,
        note: Callable[[str, ModuleSource], None],
    ) -> None:
        super().__init__(name, str(path))
        self._file = path
        self._folder = folder
        self._note = note
        self._text = b""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the import system's signature
        self._text = self.get_data(self.path)
        linecache.cache.pop(self.path, None)
        code: CodeType = self.source_to_code(self._text, self.path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        done = False
        if self._folder is not None:
            # The spec says nothing of it, so that the module's relative imports are a module's.
            module.__path__ = [str(self._folder)]
        try:
            super().exec_module(module)
            done = True
        finally:
            source = ModuleSource(path=self._file, text=self._text, failed=not done)
            self._note(self.name, source)
