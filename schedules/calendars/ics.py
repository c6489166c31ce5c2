"""The schedule as calendar programs write it: iCalendar (RFC 5545)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence
from bot.messages import Phrase
from schedules.calendars.content_lines import Block, CalendarLines, Layout, Line, cut
from schedules.calendars.expansion import Date, Series, dates_of, series_of
from schedules.calendars.ics_events import BrokenEventError, Entry, is_far_off, read_event
from schedules.calendars.ics_texts import is_hidden, known_by, name_of, readable, uid_of
from schedules.calendars.ics_zones import UNREADABLE, Zones, defined
from schedules.calendars.reading import Problem, Reading, Window, listed

MAX_BYTES = 10 * 2**20
MAX_EVENTS = 20_000
MAX_DATES = 250_000
MAX_PROBLEMS = 1_000

WRITE_ANEW = Phrase("problem.mend.write_anew")

BROADCAST = "broadcast"  # as first category: nobody comes, something is sent


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
        self._unread: list[str] = []  # UIDs
        self._hidden: set[str] = set()  # the UIDs of private series, also of those that cannot be read
        self._alone: set[str] = set()  # those that only one event has

    def read(self, data: bytes) -> Reading:
        """Read the whole calendar."""
        if len(data) > MAX_BYTES:
            what = Phrase("problem.too_large", {"raja": MAX_BYTES // 2**20})
            self._report(None, what, Phrase("problem.mend.own_calendar"))
            return Reading((), tuple(self._problems))
        layout = cut(data, most=MAX_EVENTS)
        self._report_layout(layout)
        self._note_uids(layout)
        series: dict[str, list[Entry]] = defaultdict(list)
        for calendar in layout.calendars:
            for entry in self._entries(calendar):
                series[entry.uid].append(entry)
        occurrences = listed(self._all_occurrences(series), self._window)
        return Reading(occurrences, self._told(), unread=tuple(dict.fromkeys(self._unread)))

    def _report_layout(self, layout: Layout) -> None:
        if not layout.is_calendar:
            mend = Phrase("problem.mend.begin_missing")
            self._report(None, Phrase("problem.no_vcalendar"), mend)
        if not layout.is_utf8:
            self._report(None, Phrase("problem.not_utf8"), Phrase("problem.mend.save_utf8"))
        for each in layout.headless:
            named = name_of(readable(each.uid), "", hidden=False)
            what = Phrase("problem.of", {"mikä": named, "vika": Phrase("problem.no_begin_line")})
            self._report(each.line, what, Phrase("problem.mend.begin_event"))
            self._unread.append(known_by(each.uid))
        if layout.left_out is not None:
            what = Phrase("problem.too_many_events", {"raja": MAX_EVENTS})
            self._report(layout.left_out, what, Phrase("problem.mend.own_calendar"))

    def _note_uids(self, layout: Layout) -> None:
        uids = Counter[str]()
        for calendar in layout.calendars:
            for block in calendar.events:
                uid = uid_of(block)
                uids[uid] += 1
                if is_hidden(block) and block.find("RECURRENCE-ID") is None:
                    self._hidden.add(uid)
        self._alone = {uid for uid, number in uids.items() if number == 1}

    def _entries(self, calendar: CalendarLines) -> Iterator[Entry]:
        """Read the time zones, wherever they stand, and then the events."""
        known, broken = defined(calendar.zones)
        for zone, error in broken:
            what = Phrase("problem.zone_broken", {"laji": type(error).__name__})
            self._report(zone.line, what, Phrase("problem.mend.export_anew"))
        zones = Zones(self._zone, known, calendar.zone_name)
        for block in calendar.events:
            if uid_of(block) in self._alone and is_far_off(block, self._window):
                continue
            entry = self._entry(block, zones)
            if entry and calendar.method == "CANCEL":
                entry = replace(entry, status="cancelled")
            if entry:
                yield entry

    def _entry(self, block: Block, zones: Zones) -> Entry | None:
        """Read one event; None: it is broken, and said to be, or too far off to be shown."""
        odd: list[tuple[int, Phrase, Phrase]] = []

        def warn(line: Line | None, what: Phrase, mend: Phrase) -> None:
            odd.append((line.number if line else block.line, what, mend))

        try:
            entry = read_event(block, zones, warn, language=self._language)
        except BrokenEventError as fault:
            odd = [(fault.line, fault.what, fault.mend)]
            self._unread.append(uid_of(block))
            entry = None
        except UNREADABLE as error:
            what = Phrase("problem.unreadable", {"laji": type(error).__name__})
            odd = [(block.line, what, WRITE_ANEW)]
            self._unread.append(uid_of(block))
            entry = None
        else:
            if not block.complete:
                odd.append((block.line, Phrase("problem.no_end_line"), Phrase("problem.mend.export_anew")))
            if block.nonsense:
                mend = Phrase("problem.mend.write_anew_if")
                odd.append((block.nonsense[0], Phrase("problem.odd_line"), mend))
        hidden = is_hidden(block) or uid_of(block) in self._hidden
        named = name_of(readable(block.value("UID")), readable(block.value("SUMMARY")), hidden=hidden)
        for line, what, mend in odd:
            self._report(line, Phrase("problem.of", {"mikä": named, "vika": what}), mend)
        return entry

    def _all_occurrences(self, series: dict[str, list[Entry]]) -> list[Occurrence]:
        occurrences: list[Occurrence] = []
        for number, (uid, entries) in enumerate(series.items()):
            if len(occurrences) >= MAX_DATES:
                what = Phrase("problem.too_many_dates", {"raja": MAX_DATES})
                self._report(entries[0].line, what, Phrase("problem.mend.own_calendar"))
                self._unread += islice(series, number, None)
                break
            try:
                occurrences += list(self._occurrences(series_of(entries, self._zone)))
            except BrokenEventError as fault:
                self._unread.append(uid)
                self._report_entry(entries[0], fault.what, fault.mend, line=fault.line)
            except UNREADABLE as error:
                self._unread.append(uid)
                self._report_entry(entries[0], Phrase("problem.dates_untold", {"laji": type(error).__name__}))
        return occurrences

    def _occurrences(self, series: Series) -> Iterator[Occurrence]:
        for other in series.unclear:
            self._report_entry(other, Phrase("problem.same_uid"))
        like: dict[int, Callable[..., Occurrence]] = {}  # by the line of the event that says it
        seen: set[str | None] = set()  # two hours of one night may be one
        for date in dates_of(series, self._window, self._zone):
            recurrence_id = self._recurrence_id(date)
            if recurrence_id in seen:
                continue
            seen.add(recurrence_id)
            if date.entry.line not in like:
                like[date.entry.line] = self._like(date.entry, series.master or date.entry)
            yield like[date.entry.line](start=date.start, end=date.end, recurrence_id=recurrence_id)

    def _like(self, entry: Entry, series: Entry) -> Callable[..., Occurrence]:
        """Give what makes the dates of one event.

        An override need not repeat what its series is; it says itself what it changes.
        """
        categories = entry.categories or series.categories
        return partial(
            Occurrence,
            uid=entry.uid,
            all_day=not isinstance(entry.start, datetime),
            status=entry.status,
            series=categories[0] if categories else None,
            variant=categories[1] if len(categories) > 1 else None,
            title=entry.title or series.title,
            place=entry.place,
            visibility="staff" if entry.private or entry.uid in self._hidden else "public",
            kind="broadcast" if categories[:1] == (BROADCAST,) else "event",
            leads=entry.leads or series.leads,
        )

    def _recurrence_id(self, date: Date) -> str | None:
        """Give the original start, None for what is no part of a series."""
        if date.original is None:
            return None
        if isinstance(date.original, datetime):
            return date.original.astimezone(self._zone).isoformat()
        return date.original.isoformat()

    def _report_entry(
        self,
        entry: Entry,
        what: Phrase,
        mend: Phrase = WRITE_ANEW,
        *,
        line: int | None = None,
    ) -> None:
        title = next(iter(entry.title.values()), "")
        named = name_of(entry.uid, title, hidden=entry.private or entry.uid in self._hidden)
        self._report(line or entry.line, Phrase("problem.of", {"mikä": named, "vika": what}), mend)

    def _report(self, line: int | None, what: Phrase, mend: Phrase) -> None:
        self._problems.append(Problem(self._source, what, line, mend))

    def _told(self) -> tuple[Problem, ...]:
        told = sorted(self._problems, key=lambda problem: problem.line or 0)
        if len(told) > MAX_PROBLEMS:
            what = Phrase("problem.more", {"määrä": len(told) - MAX_PROBLEMS})
            told[MAX_PROBLEMS:] = [Problem(self._source, what, None, Phrase("problem.mend.these_first"))]
        return tuple(told)
