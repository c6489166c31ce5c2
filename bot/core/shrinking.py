"""When a calendar has lost so much that it is rather broken, or hijacked, than that all of it is cancelled (T-25)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.core.schedule_diff import Stored

WATCHED: Final = timedelta(days=30)
MOST_LOST: Final = 0.3  # of what the next 30 days hold ...
ONE_IS_NO_LOSS: Final = 2  # ... and at least so many


@dataclass(frozen=True, slots=True)
class Loss:
    """So many dates are gone, of so many."""

    gone: int
    of: int


def loss(
    stored: Sequence[Stored], vanished: Container[int], *, read_nothing: bool, now: datetime
) -> Loss | None:
    """Say how much a calendar has lost; None: no more than may be.

    Args:
        stored: its rows.
        vanished: those of them that it lists no longer and did not move.
        read_nothing: whether it lists nothing at all: then a single date ahead is too much to lose.
        now: the present.
    """
    ahead = [row for row in stored if row.said.start > now and row.said.status != "cancelled"]
    soon = [row for row in ahead if row.said.start <= now + WATCHED]
    watched = soon or (ahead if read_nothing else [])
    gone = sum(row.id in vanished for row in watched)
    too_much = gone >= ONE_IS_NO_LOSS and gone > MOST_LOST * len(watched)
    return Loss(gone, len(watched)) if too_much or (read_nothing and gone) else None
