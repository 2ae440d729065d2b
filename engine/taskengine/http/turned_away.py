"""What a guard raises for a request that nothing may come of."""

from collections.abc import Mapping


class TurnedAway(Exception):
    """A request is refused before anybody looks what it asks for. `status` is HTTP's."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
