"""Keeps files from being imported that are known to come to no end, whoever imports them."""

import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


class Avoider:
    """Stands before all other finders of Python's, and raises ImportError for some files."""

    def __init__(self, avoided: Iterable[Path]) -> None:
        self._avoided = frozenset(map(str, avoided))

    def install(self) -> None:
        """Become the first that is asked."""
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, unless it is to be avoided."""
        others = (one for one in sys.meta_path if one is not self)
        found = (one.find_spec(fullname, path, target) for one in others)
        spec = next(filter(None, found), None)
        if spec is not None and spec.origin in self._avoided:
            raise came_to_no_end(spec.origin)
        return spec


def came_to_no_end(file: Path | str) -> ImportError:
    """Why a file is not imported once more."""
    return ImportError(f"{file} comes to no end when it is imported")
