"""JSON cut into coloured pieces, for every widget that shows it."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))'
    r'|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<literal>\b(?:true|false|null)\b)"
)

JSON_CLASSES = {
    "json--key",
    "json--string",
    "json--number",
    "json--literal",
}

JSON_CSS = """
    & > .json--key { color: $text-primary; }
    & > .json--string { color: $text-success; }
    & > .json--number { color: $text-warning; }
    & > .json--literal { color: $text-secondary; }
"""


def json_tokens(line: str) -> Iterator[tuple[str, int, int]]:
    """The component class, start and end of each coloured piece of one line of JSON."""
    for match in _TOKEN.finditer(line):
        yield f"json--{match.lastgroup}", match.start(), match.end()
