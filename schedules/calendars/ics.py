"""The schedule as calendar programs write it: iCalendar (RFC 5545)."""

import threading
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Timezone
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.timezone import tzp
from recurring_ical_events import CalendarQuery

from bot.core.occurrences import Occurrence, Status, Visibility
from bot.core.plain_text import single_line
from bot.core.recurrence import DAY, midnight
from schedules.calendars.content_lines import Block, Layout, cut
from schedules.calendars.ics_events import (
    UNREADABLE,
    BrokenEventError,
    Entry,
    Zones,
    categories_of,
    day_of,
    is_hidden,
    moved_by,
    read_event,
    set_time,
    time_of,
    words_of,
)
from schedules.calendars.reading import Problem, Reading, Window, listed

MAX_BYTES = 10 * 2**20
MAX_EVENTS = 5_000

STATUSES: dict[str, Status] = {"CANCELLED": "cancelled", "TENTATIVE": "tentative"}
BROADCAST = "broadcast"  # as first category: nobody comes, something is sent

# The library keeps the time zones of all calendars in one place; one calendar at a time, and it is emptied
# before each (DOMAIN.md, I 1).
_LIBRARY = threading.Lock()


def read_ics(data: bytes, *, source: str, zone: ZoneInfo, window: Window, language: str) -> Reading:
    """Read a calendar in iCalendar.

    A broken event is named in the problems, and all others are kept.  Nobody's name or address is read.

    Args:
        data: the file.
        source: what the file is called in problems.
        zone: of all-day events, and of hours that name no zone in a calendar that names none.
        window: what is listed.
        language: of texts that name none.
    """
    return _Reader(source, zone, window, language).read(data)


class _Reader:
    """One reading of one calendar; what is wrong gathers in it."""

    def __init__(self, source: str, zone: ZoneInfo, window: Window, language: str) -> None:
        self._source = source
        self._zone = zone
        self._window = window
        self._language = language
        self._problems: list[Problem] = []
        self._hidden: set[str] = set()  # the UIDs of private series, also of those that cannot be read

    def read(self, data: bytes) -> Reading:
        """Read the whole calendar."""
        if len(data) > MAX_BYTES:
            self._report(None, "the calendar is larger than 10 MiB", "Use one of its own for the groups.")
            return Reading((), tuple(self._problems))
        layout = cut(data)
        if not layout.is_calendar:
            self._report(
                None, "this is not a calendar", "Check the address or the file: BEGIN:VCALENDAR is missing."
            )
        if not layout.is_utf8:
            self._report(None, "some letters are not UTF-8", "Save the file as UTF-8.")
        series: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._entries(layout):
            series[entry.uid].append(entry)
        occurrences: list[Occurrence] = []
        for entries in series.values():
            try:
                occurrences += list(self._occurrences(entries))
            except UNREADABLE as error:
                self._report_entry(entries[0], f"its dates cannot be told ({type(error).__name__})")
        self._problems.sort(key=lambda problem: problem.line or 0)
        return Reading(listed(occurrences, self._window), tuple(self._problems))

    def _entries(self, layout: Layout) -> list[Entry]:
        """Read the time zones, wherever they stand, and then the events."""
        with _LIBRARY, warnings.catch_warnings():
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
            tzp.use_default()
            for block in layout.blocks:
                if block.name == "VTIMEZONE":
                    self._learn_zone(block)
            zones = Zones(self._zone, self._calendar_zone(layout))
            events = [block for block in layout.blocks if block.name == "VEVENT"]
            self._hidden = {
                block.value("UID")
                for block in events
                if is_hidden(block.value("CLASS")) and block.find("RECURRENCE-ID") is None
            }
            for block in events[MAX_EVENTS:][:1]:
                what = f"the calendar has more than {MAX_EVENTS} events; the rest is left out"
                self._report(block.line, what, "Use one of its own for the groups.")
            return [entry for block in events[:MAX_EVENTS] if (entry := self._entry(block, zones))]

    def _calendar_zone(self, layout: Layout) -> tzinfo | None:
        try:
            return tzp.timezone(layout.zone_name) if layout.zone_name else None
        except UNREADABLE:
            return None

    def _learn_zone(self, block: Block) -> None:
        try:
            Timezone.from_ical(block.text)
        except UNREADABLE as error:
            what = f"a time zone cannot be read ({type(error).__name__})"
            self._report(block.line, what, "Export the calendar anew.")

    def _entry(self, block: Block, zones: Zones) -> Entry | None:
        """Read one event; None: it is broken, and said to be, or too far off to be shown."""
        named = _label(block)
        odd: list[tuple[int, str, str]] = []
        try:
            entry = read_event(
                block,
                zones,
                lambda line, what, mend: odd.append((line.number if line else block.line, what, mend)),
            )
        except BrokenEventError as fault:
            odd = [(fault.line, fault.what, fault.mend)]
            entry = None
        except UNREADABLE as error:
            what = f"it cannot be read ({type(error).__name__})"
            odd = [(block.line, what, "Write it anew in the calendar.")]
            entry = None
        else:
            if not block.complete:
                odd.append((block.line, "its END:VEVENT is missing", "Export the calendar anew."))
        for line, what, mend in odd:
            self._report(line, f"{named}: {what}", mend)
        return entry

    def _occurrences(self, entries: list[Entry]) -> Iterator[Occurrence]:
        """Give the occurrences of what has one UID: a master and its overrides, in any order."""
        entries.sort(key=lambda entry: (entry.sequence, entry.stamp), reverse=True)
        masters = [entry for entry in entries if entry.overrides is None]
        master = masters[0] if masters else None
        for other in masters[1:]:
            if master and other.sequence == master.sequence and other.start != master.start:
                self._report_entry(other, "another event has the same UID; only the newest is shown")
        overrides = [entry for entry in entries if entry.overrides is not None]
        if master:
            for entry in overrides:
                _match(entry, master)
        calendar = Calendar()
        for entry in masters[:1] + overrides:
            calendar.add_component(entry.event)
        first, end = self._window
        # All-day events know no zone, so the library is asked for a day more on either side.
        for event in CalendarQuery(calendar).between(first - DAY, end + DAY):
            yield self._occurrence(event, _entry_of(event, overrides) or master or entries[0], master)

    def _occurrence(self, event: Component, entry: Entry, master: Entry | None) -> Occurrence:
        """Make our occurrence of the library's.

        An override need not repeat what its series is; it says itself what it changes.
        """
        start, end, all_day = self._span(event)
        series = master or entry
        categories = categories_of(event) or categories_of(series.event)
        return Occurrence(
            uid=entry.uid,
            recurrence_id=self._recurrence_id(event, entry),
            start=start,
            end=end,
            all_day=all_day,
            status=STATUSES.get(str(event.get("STATUS", "")).strip().upper(), "confirmed"),
            series=categories[0] if categories else None,
            variant=categories[1] if len(categories) > 1 else None,
            title=words_of(event, "SUMMARY", self._language)
            or words_of(series.event, "SUMMARY", self._language),
            place=words_of(event, "LOCATION", self._language),
            visibility=self._visibility(event, entry.uid),
            kind="broadcast" if categories[:1] == [BROADCAST] else "event",
            leads=entry.leads or series.leads,
        )

    def _span(self, event: Component) -> tuple[datetime, datetime, bool]:
        """Give start and end in UTC, and whether it lasts all day: from midnight to midnight in our zone."""
        start, end = time_of(event, "DTSTART"), time_of(event, "DTEND")
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            first, after = day_of(start), max(day_of(end), day_of(start) + DAY)
            return midnight(first, self._zone), midnight(after, self._zone), True
        begins, ends = start.astimezone(UTC), end.astimezone(UTC)
        if ends < begins:  # it begins in the hour that summer time skips, and ends right after it
            ends = begins + (end.replace(tzinfo=None) - start.replace(tzinfo=None))
        return begins, ends, False

    def _visibility(self, event: Component, uid: str) -> Visibility:
        """Keep for staff what is private; a date of a private series is as private."""
        return "staff" if uid in self._hidden or is_hidden(str(event.get("CLASS", ""))) else "public"

    def _recurrence_id(self, event: Component, entry: Entry) -> str | None:
        """Give the original start, None for what is no part of a series."""
        if entry.overrides is None:
            if not entry.repeats:
                return None
            original = time_of(event, "DTSTART")
        elif event["RECURRENCE-ID"].params.get("RANGE") == "THISANDFUTURE":
            # The library moves all that follow by as much as the override was moved, and keeps its id on them.
            original = time_of(event, "DTSTART") - moved_by(entry)
        else:
            original = entry.overrides
        if isinstance(original, datetime):
            original = original.astimezone(self._zone)
        return str(original.isoformat())

    def _report_entry(self, entry: Entry, what: str) -> None:
        self._report(entry.line, f"{entry.uid}: {what}", "Write it anew in the calendar.")

    def _report(self, line: int | None, what: str, mend: str) -> None:
        self._problems.append(Problem(self._source, what, line, mend))


def _entry_of(event: Component, overrides: Sequence[Entry]) -> Entry | None:
    """Give the override that an occurrence comes from; None: it comes from the master."""
    which = time_of(event, "RECURRENCE-ID")
    return next((entry for entry in overrides if entry.overrides == which), None)


def _match(entry: Entry, master: Entry) -> None:
    """Let an override name the date it means as its master writes dates.

    Programs write a day for a timed series, and a midnight for an all-day one.
    """
    which, start = entry.overrides, master.start
    if isinstance(start, datetime) and which is not None and not isinstance(which, datetime):
        set_time(entry.event, "RECURRENCE-ID", datetime.combine(which, start.timetz()))
    elif isinstance(which, datetime) and not isinstance(start, datetime):
        set_time(entry.event, "RECURRENCE-ID", which.date())


def _label(block: Block) -> str:
    """Name an event in a problem: by its title, unless it is private, and its UID."""
    uid = single_line(block.value("UID")) or "no UID"
    title = single_line(block.value("SUMMARY"))
    if not title or is_hidden(block.value("CLASS")):
        return uid
    return f"{title!r} ({uid})"
