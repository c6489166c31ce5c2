"""When a person answers."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """From when to when, on which weekdays (0 is Monday), by the clock on the wall; ``closes`` is exclusive."""

    days: frozenset[int]
    opens: time
    closes: time


def is_open(hours: Iterable[OpeningHours], local: datetime, *, closed: Container[date] = ()) -> bool:
    """Tell whether somebody answers at a moment.

    Args:
        hours: of the week.
        local: the moment by the clock of the group's zone.
        closed: days on which nobody answers, such as public holidays.
    """
    if local.date() in closed:
        return False
    return any(each.opens <= local.time() < each.closes for each in hours if local.weekday() in each.days)
