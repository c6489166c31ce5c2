"""Dates as an iCalendar object (RFC 5545), for the calendar of a phone.

icalendar is imported when the first one is made: a run that makes none spares its 8 MiB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.actions.calendar_zone import zone_definition
from bot.actions.describe import describe, name_of, neutral_name
from bot.core.occurrences import Occurrence
from bot.core.reminders import alarms_of
from bot.i18n import Reader
from bot.messages import Phrase, Value
from bot.router import House
from bot.store.feeds import Dated
from bot.store.models import EPOCH

if TYPE_CHECKING:
    from icalendar import Calendar, Event

PRODUCT: Final = "-//Vertti//Vertti//FI"
REFRESH: Final = timedelta(hours=1)  # how soon a calendar program should ask again
STATUSES: Final[Mapping[str, str]] = {
    "confirmed": "CONFIRMED",
    "cancelled": "CANCELLED",
    "tentative": "TENTATIVE",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How dates are written down for somebody.

    ``named``: may titles name the group, and the place stand there? (T-02)  ``choices``: series -> the bits of the leads
    that somebody chose, each an alarm; of any other series the shortest lead is one.
    """

    language: str
    named: bool
    choices: Mapping[str, int]


def calendar_file(dates: Sequence[Dated], house: House, style: Style, *, now: datetime) -> bytes:
    """Give the dates as an iCalendar object, UTF-8.

    UIDs stay the same as long as a date is kept; the same dates give the same bytes, whenever they are asked for.
    """
    from icalendar import Calendar, vDuration  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", _say(Phrase("calendar.name"), house, style, now))
    calendar.add("x-wr-timezone", house.zone.key)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    _add_zone(calendar, dates, house, now)
    for each in dates:
        calendar.add_component(_event(each, house, style, now))
    written: bytes = calendar.to_ical()
    return written


def _add_zone(calendar: "Calendar", dates: Sequence[Dated], house: House, now: datetime) -> None:
    """Define the zone for the years of the dates; where there are none, so that something stands there (RFC 5545, 3.6)."""
    timed = [each.kept.it for each in dates if not each.kept.it.all_day]
    if timed or not dates:
        first = min((each.start for each in timed), default=now)
        last = max((each.end for each in timed), default=now)
        calendar.add_component(zone_definition(house.zone, first.year, last.year + 1))


def _event(dated: Dated, house: House, style: Style, now: datetime) -> "Event":
    from icalendar import Alarm, Event  # noqa: PLC0415

    it = dated.kept.it
    title = _say(_title(it, house, style), house, style, now)
    event = Event()
    # Two houses have dates of one number, and somebody may have both houses in one calendar.
    event.add("uid", f"{dated.kept.id}@{urlsplit(house.public_url).hostname}")
    event.add("dtstamp", (dated.changed or EPOCH).astimezone(UTC))
    event.add("sequence", dated.sequence)
    event.add("summary", title)
    event.add("status", STATUSES[it.status])
    event.add("transp", "TRANSPARENT" if it.all_day or it.status == "cancelled" else "OPAQUE")
    if it.all_day:
        event.add("dtstart", it.start.astimezone(house.zone).date())
        event.add("dtend", it.end.astimezone(house.zone).date())
    else:
        event.add("dtstart", it.start.astimezone(house.zone))
        if it.end > it.start:  # of what has no length there must be none (RFC 5545, 3.8.2.2)
            event.add("dtend", it.end.astimezone(house.zone))
    if style.named:
        values = describe(dated.kept, house)
        for name, value in (("location", "paikka"), ("description", "variantti")):
            if text := _say(Phrase("calendar.value", {"arvo": values[value]}), house, style, now):
                event.add(name, text)
    for trigger in _triggers(it, house, style):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", trigger)
        event.add_component(alarm)
    return event


def _title(it: Occurrence, house: House, style: Style) -> Phrase:
    name: Value = name_of(it, house) if style.named else neutral_name(it, house)
    keys = {"cancelled": "calendar.cancelled", "tentative": "calendar.maybe"}
    return Phrase(keys.get(it.status, "calendar.title"), {"nimi": name})


def _triggers(it: Occurrence, house: House, style: Style) -> list[timedelta]:
    """Give when the phone rings, counted from the start: when Vertti would remind, so not in quiet hours."""
    alarms = alarms_of(it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone)
    chosen = style.choices.get(it.series or "")
    wanted = alarms[-1:] if chosen is None else [each for each in alarms if each.choices & chosen]
    return [each.due - each.start for each in wanted]


def _say(phrase: Phrase, house: House, style: Style, now: datetime) -> str:
    return house.wording.say(phrase, Reader(style.language, house.zone, now))
