"""Completion in fish: click's own cuts answers at their first comma, in names and descriptions."""

from click.shell_completion import FishComplete, add_completion_class

_SCRIPT = """\
function %(complete_func)s
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
        COMP_CWORD=(commandline -ct) %(prog_name)s 2>/dev/null </dev/null)

    for completion in $response
        set -l metadata (string split -m 1 "," -- $completion)
        switch $metadata[1]
            case dir
                __fish_complete_directories $metadata[2]
            case file
                __fish_complete_path $metadata[2]
            case plain
                echo $metadata[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class WholeFishComplete(FishComplete):
    """Click's completion in fish, but for words with commas."""

    source_template = _SCRIPT


def register() -> None:
    """Have it used in the place of click's own."""
    add_completion_class(WholeFishComplete)
