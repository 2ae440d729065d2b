"""Which modules have to be imported again when others changed."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from importlib.util import resolve_name

from taskengine.project.syntax import FileSyntax


def absolute_imports(syntax: FileSyntax, module: str, *, is_package: bool) -> frozenset[str]:
    """The dotted names that a module may import, its relative imports made absolute."""
    package = module if is_package else module.rpartition(".")[0]
    return frozenset(name for one in syntax.imports for name in _absolute(one, package))


def dependents(
    changed: Iterable[str], imports: Mapping[str, AbstractSet[str]], packages: AbstractSet[str]
) -> set[str]:
    """The changed modules and all that depend on them, over any number of steps.

    `imports` tells of every module what it imports. What is below a package in `packages` depends
    on it, for its `__init__.py` runs first.
    """
    found = set(changed)
    fresh = set(found)
    while fresh:
        fresh = {
            module
            for module, imported in imports.items()
            if module not in found and _depends(module, imported, fresh, packages)
        }
        found |= fresh
    return found


def _absolute(name: str, package: str) -> list[str]:
    """The absolute name; none for a relative one that leads out of its package."""
    try:
        return [resolve_name(name, package)]
    except ImportError:
        return []


def _depends(
    module: str, imported: AbstractSet[str], changed: AbstractSet[str], packages: AbstractSet[str]
) -> bool:
    below = (one for one in changed if one in packages and module.startswith(f"{one}."))
    return not changed.isdisjoint(imported) or any(below)
