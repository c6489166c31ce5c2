"""The double's own time, which a test may move on."""

import time


class Clock:
    """Monotonic seconds, the same in all processes of one machine until they are moved on."""

    def __init__(self) -> None:
        self._moved = 0.0

    def now(self) -> float:
        return time.monotonic() + self._moved

    def date(self) -> int:
        """Unix time in whole seconds, as Telegram dates its messages."""
        return int(time.time() + self._moved)

    def moves_on(self, seconds: float) -> None:
        self._moved += seconds
