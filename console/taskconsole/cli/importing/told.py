"""What commands say of imports that are not their subject, on the standard error."""

from collections.abc import Sized
from pathlib import Path
from typing import TYPE_CHECKING

from taskconsole.cli.printing import count, narrate
from taskconsole.cli.problems import in_words

if TYPE_CHECKING:
    from taskconsole.cli.importing.messages import Imported


def import_and_tell(root: Path, patience: float, *, is_whole: bool = True) -> "Imported":
    """The same as `import_elsewhere`; which files were cut off is told. Raises OSError."""
    from taskconsole.cli.importing.elsewhere import import_elsewhere

    found = import_elsewhere(root, patience, narrate, is_whole=is_whole)
    for problem in found.cut_off:
        narrate(in_words(problem))
    return found


def tell_problems(problems: Sized) -> None:
    """How many problems the project has, and how to hear of them."""
    if problems:
        narrate(f"{count(len(problems), 'problem')}: `taskconsole check` tells more.")
