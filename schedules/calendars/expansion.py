"""What has one UID, a master and its overrides, to its dates in the window.

Most series go by the day or the week.  Their dates are counted here, from the window on: a series may be as old as
it likes.  All that is odd goes to recurring-ical-events, which knows the oddities; the tests hold the one against
the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Event, vDDDLists, vDDDTypes
from recurring_ical_events.adapters.component import ComponentAdapter
from recurring_ical_events.adapters.event import EventAdapter
from recurring_ical_events.occurrence import Occurrence
from recurring_ical_events.series import Series as LibrarySeries

from bot.core.recurrence import DAY, midnight
from bot.messages import Phrase
from schedules.calendars.ics_events import BrokenEventError, Entry, between, day_meant
from schedules.calendars.ics_rules import Rule, times_a_day
from schedules.calendars.ics_times import Time, day_of
from schedules.calendars.reading import Window

MOST_STEPS = 200_000  # that the library may take from the start of a series to the end of the window


@dataclass(frozen=True, slots=True)
class Date:
    """One date: what says it, when it is (UTC), and when it was to be at first (UTC, or a day).

    ``original`` is None for what was never part of a series.
    """

    entry: Entry
    start: datetime
    end: datetime
    original: Time | None


@dataclass(frozen=True, slots=True)
class Series:
    """All that has one UID; of what stands there twice, the newest."""

    master: Entry | None
    overrides: tuple[tuple[Time, Entry], ...]  # with the start that each date had, as the master writes dates
    unclear: tuple[Entry, ...] = ()  # other masters, of which nobody can say that they are older

    @property
    def is_plain(self) -> bool:
        """Can its dates be counted here?"""
        if self.master is None:
            return True  # each override stands for itself
        if self.master.further or any(each.onwards or each.repeats for _, each in self.overrides):
            return False
        rules = self.master.rules
        return not rules or (len(rules) == 1 and rules[0].is_plain)


def series_of(entries: Iterable[Entry], zone: ZoneInfo) -> Series:
    """Put together what has one UID, wherever it stands in the file."""
    in_order = sorted(entries, key=lambda each: str(each.start))  # so that the file's own order never matters
    newest_first = sorted(in_order, key=lambda each: (each.sequence, each.stamp), reverse=True)
    masters = [each for each in newest_first if each.original is None]
    master = masters[0] if masters else None
    overrides: dict[Time, tuple[Time, Entry]] = {}
    for each in newest_first:
        if each.original is not None:
            original = _fitting(each.original, master, zone)
            overrides.setdefault(_utc(original), (original, each))
    unclear = [
        each
        for each in masters[1:]
        if each.sequence == masters[0].sequence and each.start != masters[0].start
    ]
    return Series(master, tuple(overrides.values()), tuple(unclear))


def dates_of(series: Series, window: Window, zone: ZoneInfo) -> Iterator[Date]:
    """Give the dates that may lie in the window, in any order; all that do are among them.

    Args:
        series: what has one UID.
        window: from when until when.
        zone: of all-day events.

    Raises:
        BrokenEventError: it would take too long to count them.
        UNREADABLE: what the library raises over what it does not understand.
    """
    return counted(series, window, zone) if series.is_plain else by_the_library(series, window, zone)


def _fitting(original: Time, master: Entry | None, zone: ZoneInfo) -> Time:
    """Let an override name the date it means as its master writes dates.

    Programs write a day for a series of hours, and a midnight for a series of days.
    """
    if master is None:
        return original
    if not isinstance(master.start, datetime):
        return day_meant(original, zone)
    if not isinstance(original, datetime):
        return datetime.combine(original, master.start.timetz())
    return original.astimezone(master.start.tzinfo)


def _utc(time: Time) -> Time:
    """Make times comparable that name one instant in different zones; a day stays one."""
    return time.astimezone(UTC) if isinstance(time, datetime) else time


def _difference(later: Time, earlier: Time) -> timedelta:
    """Give what lies between two times of one kind: on the clock, or in truth if their zones are two."""
    if isinstance(later, datetime) and isinstance(earlier, datetime):
        return later - earlier
    return day_of(later) - day_of(earlier)


def _is_over(time: Time | None, ends: Time | None) -> bool:
    """Say whether a series, of hours in UTC or of days, has ended before this time of the same kind."""
    return time is not None and ends is not None and _difference(time, ends) > timedelta()


def _date(entry: Entry, start: Time, length: timedelta, original: Time | None, zone: ZoneInfo) -> Date:
    """Make a date of its start and its original start, hours in UTC or days."""
    if isinstance(start, datetime):
        return Date(entry, start, start + length, original)
    return Date(entry, midnight(start, zone), midnight(start + length, zone), original)


# ---- counted here --------------------------------------------------------------------------------------------


def counted(series: Series, window: Window, zone: ZoneInfo) -> Iterator[Date]:
    """Give the dates of a plain series."""
    master = series.master
    out = {_utc(each) for each in master.skipped} if master else set()
    for original, entry in series.overrides:
        which = _utc(original)
        if which not in out and day_of(original) not in out:
            yield _date(entry, _utc(entry.start), entry.length, which, zone)
    if master is None:
        return
    out.update(_utc(original) for original, _ in series.overrides)
    length = master.length
    for day, start in _starts(master, window, zone):
        if start not in out and day not in out:
            yield _date(master, start, length, start if master.repeats else None, zone)


def _starts(master: Entry, window: Window, zone: ZoneInfo) -> Iterator[tuple[date, Time]]:
    """Give the days on which its dates begin, and when: its own start, and what the rule names."""
    start, rule = master.start, next(iter(master.rules), None)
    ends = rule.ends(start, zone) if rule else None
    if _is_over(_utc(start), ends):
        return
    yield day_of(start), _utc(start)
    if rule is None:
        return
    # Two days more on either side: the days of a series are those of its own zone.
    first, last = window[0].date() - master.length - 2 * DAY, window[1].date() + 2 * DAY
    for day in days_of(rule, day_of(start), first=first, last=last):
        when = _utc(datetime.combine(day, start.timetz())) if isinstance(start, datetime) else day
        if _is_over(when, ends):
            return
        if day != day_of(start):
            yield day, when


def days_of(rule: Rule, start: date, *, first: date, last: date) -> Iterator[date]:
    """Give the days that a plain rule names from ``first`` to ``last``, both included, in order.

    Its COUNT counts from its own start on.
    """
    if rule.frequency == "DAILY":
        origin, step, offsets = start, rule.interval, [0]
        weekdays = set(rule.weekdays) or set(range(7))
    else:
        origin, step = start - (start.weekday() - rule.week_start) % 7 * DAY, 7 * rule.interval
        weekdays = set(rule.weekdays) or {start.weekday()}
        offsets = sorted((day - rule.week_start) % 7 for day in weekdays)
    left = rule.count
    at = 0 if left is not None else max((first - origin).days // step * step, 0)
    for number in range(at, (last - origin).days + 1, step):
        for offset in offsets:
            day = origin + (number + offset) * DAY
            if day < start or day > last or day.weekday() not in weekdays:
                continue
            if left is not None:
                if left <= 0:
                    return
                left -= 1
            if day >= first:
                yield day


# ---- left to the library -------------------------------------------------------------------------------------


class _Adapter(EventAdapter):
    """An event as the library takes it, which knows where it comes from."""

    def __init__(self, entry: Entry, original: Time | None, zone: ZoneInfo) -> None:
        super().__init__(_component(entry, original, zone))
        self.entry = entry
        self.original = original


class _Found(Occurrence):
    """A date that the library found.

    Its own way is a copy of the event for each date, which takes most of its time and memory.
    """

    def date(self, zone: ZoneInfo) -> Date:
        """Give it as one of ours."""
        adapter, end = self._adapter, self.end
        assert isinstance(adapter, _Adapter)
        assert isinstance(end, date)
        entry, original = adapter.entry, adapter.original
        if original is None:
            original = self.start if entry.repeats else None
        elif self.start != entry.start:  # one of those that follow an override of all that follow
            original = self.start - _difference(entry.start, original)
        as_ever = _difference(end, self.start) == _difference(entry.end, entry.start)
        length = entry.length if as_ever else between(self.start, end)
        return _date(entry, _utc(self.start), length, original and _utc(original), zone)


class _Series(LibrarySeries):
    def occurrence(
        self, adapter: ComponentAdapter, start: Time | None = None, end: Time | timedelta | None = None
    ) -> _Found:
        """Make a date, without copying the event."""
        return _Found(adapter, start, end)


def by_the_library(series: Series, window: Window, zone: ZoneInfo) -> Iterator[Date]:
    """Give the dates of any series."""
    entries: list[tuple[Time | None, Entry]] = [*series.overrides]
    ends = None
    if series.master:
        _check_steps(series.master, window)
        entries.append((None, series.master))
        ends = _end_beside_count(series.master, zone)
    found = _Series([_Adapter(entry, original, zone) for original, entry in entries])
    # All-day events know no zone, so the library is asked for a day more on either side.
    for each in found.between(window[0] - DAY, window[1] + DAY):
        assert isinstance(each, _Found)
        one = each.date(zone)
        if one.entry is not series.master or not _is_over(one.original, ends):
            yield one


def _end_beside_count(master: Entry, zone: ZoneInfo) -> Time | None:
    """Give the end of a rule that has a COUNT too, which the library does not take together."""
    if len(master.rules) == 1 and not master.further and master.rules[0].count is not None:
        return master.rules[0].ends(master.start, zone)
    return None


def _check_steps(master: Entry, window: Window) -> None:
    for rule in master.rules:
        if (window[1].year - master.start.year + 1) * 366 * times_a_day(rule.parts) > MOST_STEPS:
            what = Phrase("problem.too_often_since", {"vuosi": master.start.year})
            raise BrokenEventError(rule.line, what, Phrase("problem.mend.begin_later"))


def _component(entry: Entry, original: Time | None, zone: ZoneInfo) -> Event:
    event = Event()
    event["UID"] = entry.uid
    event["SEQUENCE"] = entry.sequence
    event["DTSTART"], event["DTEND"] = vDDDTypes(entry.start), vDDDTypes(entry.end)
    if original is not None:
        event["RECURRENCE-ID"] = vDDDTypes(original)
        if entry.onwards:
            event["RECURRENCE-ID"].params["RANGE"] = "THISANDFUTURE"
    if entry.rules:
        event["RRULE"] = [rule.written(rule.ends(entry.start, zone)) for rule in entry.rules]
    if entry.further:
        event["RDATE"] = vDDDLists(entry.further)
    if entry.skipped:
        event["EXDATE"] = vDDDLists(
            [each for skipped in entry.skipped for each in _spelled_out(skipped, entry.start)]
        )
    return event


def _spelled_out(skipped: Time, start: Time) -> Iterator[Time]:
    """Give a day among hours also as the hour; the library else forgets it where a date is overridden."""
    yield skipped
    if isinstance(start, datetime) and not isinstance(skipped, datetime):
        yield datetime.combine(skipped, start.timetz())
