"""What a text must be like for runs to be looked for by it."""

from taskengine.history.words import words_of


def text_fault(text: str) -> str:
    """What is wrong with a text that has no word, and so would find all runs; empty if nothing is,
    as with an empty text.
    """
    if not text or words_of(text):
        return ""
    return "has no word: a word is a row of letters and digits"
