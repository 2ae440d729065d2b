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
        give_name(whole, path)
    except OSError as error:
        # Of what was asked for, not of a name that nobody has heard of.
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        whole.unlink(missing_ok=True)


def give_name(whole: Path, path: Path) -> None:
    """Let a file that is whole have its name, in place of the one that it had in the same folder.

    Raises FileExistsError if there is such a file already, and OSError if it can't be done.
    """
    try:
        path.hardlink_to(whole)  # unlike a renaming, never over another file
    except FileExistsError:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
    except OSError:  # there are file systems without links
        path.touch(exist_ok=False)  # of two that want the name, one gets it
        try:
            whole.rename(path)
        except OSError:
            path.unlink()
            raise
    else:
        whole.unlink()
