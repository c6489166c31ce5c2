"""Days and hours as people type them: "to 3.12. klo 14", "huomenna 13-15", "10/12 puoli kaksi", "3 Dec 14:00"."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant
from bot.core.spoken_times import in_figures

DAY: Final = timedelta(days=1)
WEEK: Final = 7  # days
MONTHS: Final = 12
FEBRUARY, LEAP_FEBRUARY = 2, 29  # without a year, the next leap year's is meant
YEARS: Final = 10  # a day that is further away is a slip of the hand
LONGEST_TIME: Final = 8  # words
NEARLY_A_YEAR: Final = timedelta(days=364)  # in it no date comes twice

_NEAR: Final[Mapping[str, int]] = {
    "tanaan": 0, "taman paivan": 0, "idag": 0, "today": 0,
    "huomenna": 1, "huomi(?:nen|sen|selta)": 1, "imorgon": 1, "imorron": 1, "tomorrow": 1,
    "ylihuomenna": 2, "ylihuomi(?:nen|sen)": 2, "overmorgon": 2,
}  # fmt: skip
# Names of weekdays by how they begin, folded; Monday is 0.  Two letters are enough where people write them so.
_WEEKDAYS: Final = (
    r"ma(?:anantai\w*)?|mon(?:day)?|man(?:dag\w*)?",
    r"ti(?:istai\w*|s|sdag\w*)?|tue(?:s|sday)?",
    r"ke(?:skivii[kn]\w*)?|wed(?:nesday)?|on(?:s|sdag\w*)?",
    r"to(?:rstai\w*|rs|rsdag\w*)?|thu(?:rs|rsday)?",
    r"pe(?:rjantai\w*)?|fri(?:day)?|fre(?:dag\w*)?",
    r"la(?:uantai\w*)?|sat(?:urday)?|lor(?:dag\w*)?",
    r"su(?:nnuntai\w*|nday|n)?|son(?:dag\w*)?",
)
_MONTHS: Final = (
    r"tammi|jan", r"helmi|feb", r"maalis|mar", r"huhti|apr", r"touko|maj|may", r"kesa|jun",
    r"heina|jul", r"elo|aug", r"syys|sep", r"loka|okt|oct", r"marras|nov", r"joulu|dec",
)  # fmt: skip

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMBERS = re.compile(
    r"(?<![\d.:])(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4})\b|\.(\d{2})\b(?![:.-])|\.|(?![\d.:]))"
)
_SLASHED = re.compile(r"(?<![\d/.:])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])")
_NAMED_MONTH = re.compile(
    r"\b(\d{1,2})\.?\s+(" + "|".join(f"(?:{each})" for each in _MONTHS) + r")[a-z]*\.?(?:\s+(\d{4}))?\b"
)
_HOUR = r"(\d{1,2})(?:[.:](\d{2}))?"
_HOURS = re.compile(rf"(?<![\d.:]){_HOUR}(?:\s*[-–—]\s*{_HOUR})?(?![\d:.])")
_CLOCK = re.compile(r"\b(?:klo|kello|kl|at)\b\.?\s*")
_NEXT_WEEK = re.compile(r"\b(?:ensi viik\w+|nasta vecka|next week)\b")
_HELPERS = re.compile(
    r"\b(?:ensi|nasta|next|viikolla|vecka|week|alkaen|kerta|kerran|fran|from|om|pa|den|on|the)\b"
)
# Who corrects themselves begins so; what follows is what they mean.
_RATHER = re.compile(
    r"^(?:no\s+)?(?:siis|ei\s?kun?|ei\s?ku|ei vaan|tarkoitin|anteeksi|nej,?\s+alltsa|alltsa|jag menade|i mean|sorry|actually)"
    r"\b[\s,:]*"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: a day, an hour to begin at and one to end at; None: it says none."""

    day: date | None = None
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True)
class WrongWeekday:
    """A day that is not the weekday it is called; ``meant`` is that weekday's day nearest to it."""

    day: date
    meant: date
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True, slots=True)
class NoSuchDay:
    """A day that its month does not have; ``month`` is 1-12, ``days`` how many it has."""

    month: int
    days: int


Misread = WrongWeekday | NoSuchDay


def typed_time(text: str, *, today: date) -> Typed | None:
    """Read a day, an hour, or both; None: it is neither, or says something besides.

    A day without a year is the next one that has its date, a weekday the next one that has its name, "next week" the one
    after Sunday ("ensi torstai" says less: some mean the very next, some that of next week); where both stand and
    do not agree, which of them is meant must not be guessed.  Only where "klo"
    (kl., at) stands before it, or a day does, two numbers with a point between them are an hour: "3.12" is a day.

    Args:
        text: as typed, in Finnish, Swedish or English.
        today: the present day.
    """
    found = _read(text, today)
    return found if isinstance(found, Typed) else None


def misread(text: str, *, today: date) -> Misread | None:
    """Say why a text that is a time otherwise is none: its day is another weekday, or is not there; None: neither."""
    found = _read(text, today)
    return None if isinstance(found, Typed) else found


def another_time(
    typed: Typed, start: datetime, end: datetime | None, zone: ZoneInfo
) -> tuple[datetime, datetime | None]:
    """Give the instants of a time that is typed in place of another: what it does not say stays, also how long it lasts.

    Args:
        typed: what it says.
        start: when it began, UTC.
        end: when it ended, UTC; None: nobody said, and nobody does unless it is typed.
        zone: whose wall clock was typed.
    """
    was = start.astimezone(zone)
    day = typed.day or was.date()
    begins = instant(day, typed.start or was.time(), zone)
    if typed.end is not None:
        return begins, instant(day, typed.end, zone)
    return begins, None if end is None else begins + (end - start)


def name_and_time(text: str, *, today: date) -> tuple[str, Typed] | None:
    """Divide a name from the day and hour that stand behind it, or before it; None: not both are there."""
    words = text.split()
    if typed_time(text, today=today) is not None:
        return None
    cuts = [(words[:cut], words[cut:]) for cut in range(1, len(words))]
    for name, rest in [*cuts, *((after, before) for before, after in reversed(cuts))]:
        typed = typed_time(" ".join(rest), today=today) if len(rest) <= LONGEST_TIME else None
        if typed is not None and typed.day is not None and typed.start is not None:
            return " ".join(name).strip(" ,:;–-"), typed
    return None


def _read(text: str, today: date) -> Typed | Misread | None:
    rest = in_figures(_RATHER.sub("", re.sub(r"\bi (?=morgon|dag)", "i", _plain(text).strip())))
    before, clock, after = _split_at_clock(rest)
    day, before = _day(before, today)
    no_such = day if isinstance(day, NoSuchDay) else None
    found_day = day if isinstance(day, date) else None
    hours = after if clock else before
    leftover = before if clock else ""
    start, end, rest_of_hours = _hours(hours)
    if day is _NO_DAY or start is _NO_TIME or end is _NO_TIME:
        return None
    leftover = f"{leftover} {rest_of_hours}"
    next_week = _NEXT_WEEK.search(leftover) is not None
    weekday, leftover = _weekday(_NEXT_WEEK.sub(" ", leftover))
    sunday = today + (6 - today.weekday()) * DAY
    if weekday is not None and found_day is None and no_such is None:
        last = sunday if next_week else today
        found_day = last + ((weekday - last.weekday() - 1) % 7 + 1) * DAY
    other_week = found_day is not None and next_week and not 0 < (found_day - sunday).days <= WEEK
    if other_week or re.sub(r"[\s,.;!]+", "", _HELPERS.sub(" ", leftover)):
        return None
    if no_such is not None:
        return no_such
    if found_day is None and (start is None or next_week):
        return None
    hours_read = (start if isinstance(start, time) else None, end if isinstance(end, time) else None)
    if found_day is not None and weekday not in {None, found_day.weekday()}:
        return WrongWeekday(found_day, _nearest(weekday or 0, found_day), *hours_read)
    return Typed(found_day, *hours_read)


def _nearest(weekday: int, day: date) -> date:
    return day + ((weekday - day.weekday() + 3) % WEEK - 3) * DAY


def typed_days(text: str, *, today: date) -> tuple[date, date] | None:
    """Read a span of days, both included: "5.7.-1.8.", "5.7." alone is one day; None: it is none.

    Where no year is named the last day is the next one that has its date, and the first the latest before that: what is
    said of days that have begun already is meant of these, and not of next year's.
    """
    parts = re.split(
        r"\s*[–—]\s*|\s+-\s+|(?<=\.)-|(?<=\d{4})-(?=\d{1,2}\.)|\s+(?:till|to|asti)\s+", text.strip()
    )
    if len(parts) > 2:  # noqa: PLR2004
        return None
    first, last = _day_alone(parts[0], today), _day_alone(parts[-1], today)
    if first is None or last is None:
        return None
    if len(parts) == 1:
        return first, first
    latest = _day_alone(parts[0], last - NEARLY_A_YEAR)
    if latest is not None and latest <= last and (latest.month, latest.day) == (first.month, first.day):
        return latest, last
    last = _day_alone(parts[1], first)
    return None if last is None or last < first else (first, last)


def _day_alone(text: str, today: date) -> date | None:
    """Read a day; None: it is none, or says an hour too."""
    typed = typed_time(text, today=today)
    return None if typed is None or typed.start is not None else typed.day


def _plain(text: str) -> str:
    """Give small letters without their dots; numbers and what stands between them stay."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in letters if not unicodedata.combining(each))


class _Nothing:
    """Something that looked like a day or an hour and is none."""


_NO_DAY = _Nothing()
_NO_TIME = _Nothing()


def _split_at_clock(text: str) -> tuple[str, bool, str]:
    found = _CLOCK.search(text)
    return (text, False, "") if found is None else (text[: found.start()], True, text[found.end() :])


def _day(text: str, today: date) -> tuple[date | NoSuchDay | _Nothing | None, str]:
    """Find a day; give it and the text without it."""
    for word, days in _NEAR.items():
        if found := re.search(rf"\b{word}\b", text):
            return today + days * DAY, _without(text, found)
    if found := _ISO.search(text):
        return _date(int(found[3]), int(found[2]), found[1], today), _without(text, found)
    if found := _NAMED_MONTH.search(text):
        month = next(n for n, name in enumerate(_MONTHS, start=1) if re.match(name, found[2]))
        return _date(int(found[1]), month, found[3], today), _without(text, found)
    if (found := _SLASHED.search(text)) and 1 <= int(found[2]) <= MONTHS:
        return _date(int(found[1]), int(found[2]), found[3], today), _without(text, found)
    if (found := _NUMBERS.search(text)) and 1 <= int(found[2]) <= MONTHS:
        return _date(int(found[1]), int(found[2]), found[3] or found[4], today), _without(text, found)
    return None, text


def _date(day: int, month: int, year: str | None, today: date) -> date | NoSuchDay | _Nothing:
    longest = LEAP_FEBRUARY if month == FEBRUARY and year is None else _days_of(month, year, today)
    if longest is not None and day > longest:
        return NoSuchDay(month, longest)
    try:
        if year is not None:
            named = date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004
            return named if abs(named.year - today.year) <= YEARS else _NO_DAY
        years = (today.year, today.year + 1, today.year + 2, today.year + 3, today.year + 4)
        return next(each for year in years if (each := _or_none(year, month, day)) and each >= today)
    except (ValueError, StopIteration):
        return _NO_DAY


def _days_of(month: int, year: str | None, today: date) -> int | None:
    """Give how many days a month has; None: there is no such month, or year."""
    whole = today.year if year is None else int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004
    return monthrange(whole, month)[1] if 1 <= month <= MONTHS and 1 <= whole <= date.max.year else None


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(text: str) -> tuple[int | None, str]:
    for number, names in enumerate(_WEEKDAYS):
        if found := re.search(rf"\b(?:{names})\b\.?", text):
            return number, _without(text, found)
    return None, text


def _hours(text: str) -> tuple[time | _Nothing | None, time | _Nothing | None, str]:
    """Find an hour, or one to begin at and one to end at; give them and the text without them."""
    found = _HOURS.search(text)
    if found is None:
        return None, None, text
    start = _time(found[1], found[2])
    end = None if found[3] is None else _time(found[3], found[4])
    return start, end, _without(text, found)


def _time(hour: str, minute: str | None) -> time | _Nothing:
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        return _NO_TIME


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
