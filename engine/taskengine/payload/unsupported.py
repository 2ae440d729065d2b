"""A type that no payload can be of."""


class UnsupportedPayload(Exception):
    """What a task names as the type of its payload can't be found out, or can't be used.

    `hint` says what to do about it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
