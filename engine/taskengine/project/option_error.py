"""What is wrong with the value of an option, and the words for it."""

from taskengine.wording import did_you_mean

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (dict, "a table"),
    (list, "a list"),
)
_LONGEST_SHOWN = 40


class OptionError(ValueError):
    """A value that an option can't have. `str()` of it goes on after the option's name.

    `inside` is the key in the value that is at fault, if the value is a table; `hint` says how to
    mend it.
    """

    def __init__(self, message: str, hint: str = "", inside: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.inside = inside


def must_be(wanted: str, value: object, hint: str = "") -> OptionError:
    """The error of a value that is not what is wanted."""
    return OptionError(f"must be {wanted}, not {_in_words(value)}", hint)


def must_be_one_of(words: tuple[str, ...], value: object) -> OptionError:
    """The error of a value that is none of a few words."""
    wanted = " or ".join((", ".join(words[:-1]), words[-1]))
    near = value[:_LONGEST_SHOWN].lower() if isinstance(value, str) else ""
    return must_be(wanted, value, did_you_mean(near, words))


def _in_words(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        is_long = len(value) > _LONGEST_SHOWN
        return repr(value[:_LONGEST_SHOWN]) + ("..." if is_long else "")
    known = (words for kind, words in _KINDS if isinstance(value, kind))
    return next(known, f"of type {type(value).__name__}")
