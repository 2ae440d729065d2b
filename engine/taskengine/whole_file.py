"""Files that appear whole: who watches their folder never sees one half-written."""

import errno
import os
from pathlib import Path
from secrets import token_hex


def write_whole(path: Path, text: str) -> None:
    """Write a new file.

    Raises FileExistsError if there is such a file already, and OSError if it can't be written;
    nothing is left behind then.
    """
    whole = path.with_name(f".{token_hex(8)}")
    try:
        whole.write_text(text, encoding="utf-8")
        _put(whole, path, text)
    finally:
        whole.unlink(missing_ok=True)


def _put(whole: Path, path: Path, text: str) -> None:
    try:
        path.hardlink_to(whole)  # unlike a renaming, never over another file
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
    except OSError:  # there are file systems without links
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
