"""How often people are told what they did not ask for: news and invitations (DOMAIN.md, U10)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.quiet_hours import QuietHours, next_allowed
from bot.core.recurrence import DAY, WEEK, instant

MOST_A_WEEK: Final = 4  # in any seven days; and no two on one day


def next_calm(
    now: datetime, told: Iterable[datetime], *, hours: QuietHours | None, zone: ZoneInfo
) -> datetime:
    """Give the first instant, now or later, at which one more is not too much (UTC).

    Args:
        now: the present.
        told: when the same person was told, or will be, the like; in no order.
        hours: in which nothing is pushed.
        zone: whose days count.
    """
    times = sorted(told)
    days = {each.astimezone(zone).date() for each in times}
    at = next_allowed(now, hours, zone)
    while True:
        local = at.astimezone(zone)
        # The one more than enough leaves room when the first of the last four is a week old.
        week = [each for each in times if abs(at - each) < WEEK]
        if local.date() in days:
            at = next_allowed(instant(local.date() + DAY, local.time(), zone), hours, zone)
        elif len(week) >= MOST_A_WEEK:
            at = next_allowed(week[-MOST_A_WEEK] + WEEK, hours, zone)
        else:
            return at
