"""A text that is complete, as an output: a traceback is shown the way a log is."""

from taskengine.output import OutputBuffer, OutputKind, OutputLine


def output_of(text: str) -> OutputBuffer:
    """The text's lines, without times or levels."""
    output = OutputBuffer()
    for line in text.split("\n"):
        output.append(OutputLine(0, OutputKind.STDOUT, "", line).encode())
    return output
