"""The error that explains what is wrong with a cron expression, and how to mend it."""


class CronError(ValueError):
    """A cron expression, or its zone, that can't be used.

    `field` is the name of the field at fault (None when it is the whole expression or the zone),
    `value` the part that is refused, `hint` a way to mend it (empty when there is none to offer).
    """

    def __init__(
        self,
        message: str,
        *,
        expression: str,
        field: str | None = None,
        value: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.expression = expression
        self.field = field
        self.value = value
        self.hint = hint
