"""When people are reminded of an occurrence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import QuietHours, adjusted, next_allowed
from bot.core.recurrence import DAY, instant

DAY_BEFORE = 1  # what people choose, as bits: told well before ...
HOURS_BEFORE = 2  # ... and told shortly before
BOTH = DAY_BEFORE | HOURS_BEFORE

WELL_BEFORE = timedelta(hours=12)  # a lead as long as this, or longer, counts as the day before
MORNING = time(9)  # of the day before, for what lasts all day


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One instant at which the subscribers of an occurrence are reminded of it.

    ``uid`` and ``recurrence_id`` are the occurrence's; ``start`` is its start and ``due`` the instant, both in
    UTC; ``leads`` are the leads it stands for, the longest first, and ``choices`` the bits of those who
    hear it.
    """

    uid: str
    recurrence_id: str | None
    start: datetime
    due: datetime
    leads: tuple[timedelta, ...]
    choices: int


def alarms_of(
    occurrence: Occurrence,
    *,
    default_leads: Sequence[timedelta],
    hours: QuietHours | None,
    zone: ZoneInfo,
) -> tuple[Alarm, ...]:
    """Give the alarms of an occurrence in the order they are due, no two at one instant.

    There are none for what is cancelled, what may not happen at all, and a broadcast, which speaks for itself.
    """
    if occurrence.status != "confirmed" or occurrence.kind == "broadcast":
        return ()
    leads = default_leads if occurrence.leads is None else occurrence.leads
    kinds = {_choice(lead) for lead in leads}
    alarms = [
        Alarm(
            uid=occurrence.uid,
            recurrence_id=occurrence.recurrence_id,
            start=occurrence.start,
            due=adjusted(_due(occurrence, lead, zone), start=occurrence.start, hours=hours, zone=zone),
            leads=(lead,),
            # Whoever chose a kind of lead that this occurrence does not have is told all the same.
            choices=_choice(lead) if len(kinds) > 1 else BOTH,
        )
        for lead in sorted(set(leads), reverse=True)
    ]
    alarms.sort(key=_by_due)
    return tuple(_as_one(group) for _, group in groupby(alarms, key=_by_due))


def goes_at(
    due: datetime, *, now: datetime, start: datetime, hours: QuietHours | None, zone: ZoneInfo
) -> datetime | None:
    """Give when a reminder that has not gone yet goes (UTC); None: what it is of will have begun by then.

    What is promised and what is sent both ask here.  An alarm has left quiet hours behind when it is made; but it may
    be late, and then they may have begun.

    Args:
        due: when it should go, UTC.
        now: the present; it goes no earlier.
        start: when that begins of which it reminds, UTC.
        hours: in which nothing is pushed.
        zone: whose wall clock the quiet hours go by.
    """
    allowed = next_allowed(max(due, now), hours, zone)
    return allowed if allowed < start else None


def _due(occurrence: Occurrence, lead: timedelta, zone: ZoneInfo) -> datetime:
    """Give the instant that lies a lead before the start, whatever the hour.

    What lasts all day has no hour that two hours could be counted from, and its midnight is no time to be told
    of it; so its leads count as whole days, at least one, and it is told of in the morning.  Then the day before
    and two hours before fall together, and a theme week gives one message (D20).
    """
    if not occurrence.all_day:
        return occurrence.start - lead
    days = max(-(-lead // DAY), 1)
    return instant(occurrence.start.astimezone(zone).date() - days * DAY, MORNING, zone)


def _choice(lead: timedelta) -> int:
    return DAY_BEFORE if lead >= WELL_BEFORE else HOURS_BEFORE


def _as_one(group: Iterable[Alarm]) -> Alarm:
    """Join alarms of one occurrence; the latest instant holds."""
    alarms = list(group)
    choices = 0
    for alarm in alarms:
        choices |= alarm.choices
    return replace(
        alarms[-1],
        due=max(alarm.due for alarm in alarms),
        leads=tuple(sorted({lead for alarm in alarms for lead in alarm.leads}, reverse=True)),
        choices=choices,
    )


def _by_due(alarm: Alarm) -> tuple[datetime, str, str]:
    return alarm.due, *_by_occurrence(alarm)


def _by_occurrence(alarm: Alarm) -> tuple[str, str]:
    return alarm.uid, alarm.recurrence_id or ""
