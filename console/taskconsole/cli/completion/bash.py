"""Completion in bash, which takes a word apart at each colon: the names of tasks are full of them.

bash tells the words as readline splits them, `db : mig` for `db:mig`, and puts an answer in the
place of the last one. So the script hands over the line itself. It is read here as the shell would
read it, and an answer is only what is to stand in the place of that last piece.
"""

import os
import re
from dataclasses import dataclass
from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class

_BREAKS = " \t\n\"'><=;|&(:"  # readline's own
_SPACE = " \t\n"
_SPECIAL = re.compile(r"([^\w@%+=:,./-])")
_SPECIAL_IN_DOUBLE = re.compile(r'(["$`\\])')
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")

# For bash from 3.2 on, which macOS has; `compopt` and `nosort` are younger.
_SCRIPT = """\
%(complete_func)s() {
    local answer kind value
    COMPREPLY=()
    answer=$(%(complete_var)s=bash_complete COMP_LINE="${COMP_LINE:0:$COMP_POINT}" \\
        COMP_WORDBREAKS="$COMP_WORDBREAKS" "${1/#\\~\\//$HOME/}" 2>/dev/null </dev/null) || return 0
    while IFS=, read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            dir) type compopt >/dev/null 2>&1 && compopt -o dirnames ;;
            file) type compopt >/dev/null 2>&1 && compopt -o default ;;
        esac
    done <<< "$answer"
}

complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
    complete -F %(complete_func)s %(prog_name)s
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A command line up to the cursor. `words` are those that the shell would make of it, the last
    one being written; `kept` is the part of that which stays when readline puts an answer in its
    place; `quote` is the quotation mark that is open there.
    """

    words: tuple[str, ...]
    kept: str
    quote: str

    @classmethod
    def read(cls, text: str, breaks: str = _BREAKS) -> "Line":
        """Read a line. `breaks` are the characters at which readline takes words apart."""
        words, word, kept, quote = [], "", "", ""
        is_begun, rest = False, iter(text)
        for one in rest:
            if one == quote:
                quote, kept = "", word
            elif quote != "'" and one == "\\":
                word += _escaped(next(rest, ""), quote)
            elif quote:
                word += one
            elif one in _SPACE:
                words += [word] if is_begun else []
                word, kept, is_begun = "", "", False
                continue
            elif one in "\"'":
                quote, kept = one, word
            else:
                word += one
                kept = word if one in breaks else kept
            is_begun = True
        return cls(_without_assignments((*words, word)), kept, quote)

    def answer(self, value: str) -> str:
        """What is to stand in the place of the piece that readline takes for the word."""
        piece = value.removeprefix(self.kept)
        if self.quote == "'":
            return piece.replace("'", r"'\''")
        special = _SPECIAL_IN_DOUBLE if self.quote else _SPECIAL
        return special.sub(r"\\\1", piece)


def _escaped(one: str, quote: str) -> str:
    """What a backslash and a character stand for; between double quotes few are special."""
    return one if not quote or one in '"$`\\' else f"\\{one}"


def _without_assignments(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words from the command on: `A=1 taskconsole` sets a variable for it."""
    while len(words) > 1 and _ASSIGNMENT.match(words[0]):
        words = words[1:]
    return words


class ColonBashComplete(BashComplete):
    """Click's completion in bash, but for words with colons, blanks and quotation marks."""

    source_template = _SCRIPT

    def source(self) -> str:
        """The script. Click's own would start a bash first, to see of which version it is."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """The arguments before the word that is being written, and that word."""
        if "COMP_LINE" not in os.environ:
            return super().get_completion_args()
        words = self._line().words
        return list(words[1:-1]), words[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """An answer as the script reads it."""
        if "COMP_LINE" not in os.environ:
            return super().format_completion(item)
        return f"{item.type},{self._line().answer(str(item.value))}"

    @staticmethod
    def _line() -> Line:
        return Line.read(os.environ["COMP_LINE"], os.environ.get("COMP_WORDBREAKS") or _BREAKS)


def register() -> None:
    """Have it used in the place of click's own."""
    add_completion_class(ColonBashComplete)
