"""Text that SQLite takes."""


def encodable(text: str) -> str:
    """A text whose characters that no encoding can carry are written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
