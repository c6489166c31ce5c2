"""Conversations that must wait for longer than one keeps messages in hand, and until when."""

from datetime import datetime, timedelta
from typing import Final

MOMENT: Final = timedelta(milliseconds=1)  # the finest that the table keeps
CLOSE: Final = timedelta(seconds=1)


class Parking:
    """Until when each rests.  All that waits for one gets the same instant, so that its order stays."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}

    def until(self, conversation: int, *, now: datetime) -> datetime | None:
        """Give until when a conversation rests; None: it does not."""
        until = self._until.get(conversation)
        return until if until is not None and until > now else None

    def park(self, conversation: int, seconds: float, *, now: datetime) -> datetime:
        """Let a conversation rest for so long, or as long as it does already if that is about the same."""
        self._until = {who: until for who, until in self._until.items() if until > now}
        until = now + timedelta(seconds=seconds)
        until += MOMENT - timedelta(microseconds=until.microsecond % 1000)
        before = self._until.get(conversation)
        if before is None or until - before >= CLOSE:
            self._until[conversation] = until
        return self._until[conversation]
