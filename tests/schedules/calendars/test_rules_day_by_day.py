"""Any rule that organizers' programs write names the days that it has when each day is asked (RFC 5545, 3.3.10)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.calendars import as_json
from schedules.calendars.ics import read_ics
from tests.schedules.calendars.independent import (
    DAY,
    DAYS,
    FIRST,
    HELSINKI,
    HOUR,
    WINDOW,
    Meets,
    days_of_month,
)

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STARTS = [date(2026, 10, 1) + number * 11 * DAY for number in range(12)]  # on each day of the week
EARLIEST, ALL = min(STARTS), [*(min(STARTS) + n * DAY for n in range((FIRST - min(STARTS)).days)), *DAYS]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as people mean it."""

    freq: str
    start: date
    interval: int = 1
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()  # from the end where negative
    weekdays: frozenset[tuple[int, int]] = frozenset()  # which of the month (0: each), Monday is 0
    week_start: int = 0
    position: int = 0  # of all in a month, from the end where negative; 0: each
    count: int = 0  # 0: without end
    until: date | None = None

    @property
    def text(self) -> str:
        """Write it as iCalendar does."""
        days = ",".join(f"{nth or ''}{NAMES[day]}" for nth, day in sorted(self.weekdays))
        until = self.until and datetime.combine(self.until, time(23, 59), HELSINKI).astimezone(UTC)
        parts = {
            "FREQ": self.freq,
            "INTERVAL": self.interval if self.interval > 1 else "",
            "BYMONTH": ",".join(map(str, sorted(self.months))),
            "BYMONTHDAY": ",".join(map(str, sorted(self.month_days))),
            "BYDAY": days,
            "BYSETPOS": self.position or "",
            "WKST": NAMES[self.week_start],
            "COUNT": self.count or "",
            "UNTIL": f"{until:%Y%m%dT%H%M%SZ}" if until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def dates(self) -> list[date]:
        """Ask each day whether it is one of them; the start always is."""
        named = [day for day in ALL if day > self.start and self._has(day)]
        days = [self.start, *named]
        if self.count:
            days = days[: self.count]
        if self.until:
            days = [day for day in days if day <= self.until]
        return days

    @property
    def has_its_start(self) -> bool:
        """Is the start one of the days that it names?"""
        return self._has(self.start)

    def _has(self, day: date) -> bool:
        return self._in_turn(day) and self._fits(day) and self._in_position(day)

    def _in_turn(self, day: date) -> bool:
        steps = {
            "DAILY": (day - self.start).days,
            "WEEKLY": (self._week(day) - self._week(self.start)).days // 7,
            "MONTHLY": (day.year - self.start.year) * 12 + day.month - self.start.month,
            "YEARLY": day.year - self.start.year,
        }
        return steps[self.freq] % self.interval == 0

    def _week(self, day: date) -> date:
        return day - (day.weekday() - self.week_start) % 7 * DAY

    def _fits(self, day: date) -> bool:
        length = days_of_month(day)
        month_days, weekdays = set(self.month_days), set(self.weekdays)
        if not month_days and not weekdays and self.freq in ("MONTHLY", "YEARLY"):
            month_days = {self.start.day}
        if not weekdays and self.freq == "WEEKLY":
            weekdays = {(0, self.start.weekday())}
        months = self.months or (
            {self.start.month} if self.freq == "YEARLY" and not self.month_days else set()
        )
        nth = {
            (0, day.weekday()),
            ((day.day - 1) // 7 + 1, day.weekday()),
            (-((length - day.day) // 7) - 1, day.weekday()),
        }
        return (
            (not months or day.month in months)
            and (not month_days or bool(month_days & {day.day, day.day - length - 1}))
            and (not weekdays or bool(weekdays & nth))
        )

    def _in_position(self, day: date) -> bool:
        if not self.position:
            return True
        month = [day.replace(day=number) for number in range(1, days_of_month(day) + 1)]
        chosen = [each for each in month if self._fits(each)]
        at = self.position - 1 if self.position > 0 else self.position
        return -len(chosen) <= at < len(chosen) and chosen[at] == day


# ---- the rules that there are --------------------------------------------------------------------------------

WEEKDAYS = st.integers(0, 6)
EACH = st.frozensets(st.tuples(st.just(0), WEEKDAYS), min_size=1, max_size=3)
NTH = st.frozensets(st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), WEEKDAYS), min_size=1, max_size=2)
MONTHS = st.frozensets(st.integers(1, 12), min_size=1, max_size=3)
IN_EACH_MONTH = st.frozensets(st.sampled_from([1, 15, 28, -1, -2, -28]), min_size=1, max_size=2)
IN_SOME_MONTHS = st.frozensets(st.sampled_from([1, 29, 30, 31, -31]), min_size=1, max_size=2)
KINDS = [
    {"freq": st.just("DAILY")},
    {"freq": st.just("DAILY"), "weekdays": EACH},
    {"freq": st.just("WEEKLY"), "week_start": WEEKDAYS},
    {"freq": st.just("WEEKLY"), "week_start": WEEKDAYS, "weekdays": EACH},
    {"freq": st.just("MONTHLY")},
    {"freq": st.just("MONTHLY"), "month_days": IN_EACH_MONTH | IN_SOME_MONTHS},
    {"freq": st.just("MONTHLY"), "weekdays": NTH},
    {"freq": st.just("MONTHLY"), "weekdays": EACH, "position": st.sampled_from([1, 2, 4, -1, -3])},
    {"freq": st.just("MONTHLY"), "weekdays": EACH, "month_days": IN_EACH_MONTH},
    {"freq": st.just("MONTHLY"), "months": MONTHS, "weekdays": NTH},
    {"freq": st.just("YEARLY")},
    {"freq": st.just("YEARLY"), "months": MONTHS},
    {"freq": st.just("YEARLY"), "month_days": IN_EACH_MONTH},
    {"freq": st.just("YEARLY"), "months": MONTHS, "month_days": IN_EACH_MONTH},
    {"freq": st.just("YEARLY"), "months": MONTHS, "weekdays": NTH | EACH},
]
ENDS = [
    {},
    {"count": st.integers(1, 12)},
    {"until": st.sampled_from(ALL[150::13])},
]


@st.composite
def rules(draw):
    rule = Rule(
        start=draw(st.sampled_from(STARTS)),
        interval=draw(st.integers(1, 4)),
        **{
            name: draw(values)
            for name, values in (draw(st.sampled_from(KINDS)) | draw(st.sampled_from(ENDS))).items()
        },
    )
    # Nobody agrees on what COUNT counts where the start is no date of its rule.
    return rule if rule.has_its_start else replace(rule, count=0)


@settings(deadline=None)
@given(
    rules(),
    st.sampled_from([None, time(0, 30), time(3, 30), time(13), time(23, 30)]),
    st.frozensets(st.integers(0, 8), max_size=3),
)
def test_a_rule_names_the_days_that_it_has_when_each_day_is_asked(rule, at, out):
    def written(day):
        return f"VALUE=DATE:{day:%Y%m%d}" if at is None else f"TZID=Europe/Helsinki:{day:%Y%m%d}T{at:%H%M%S}"

    dates = rule.dates()
    skipped = [f"EXDATE;{written(day)}" for number, day in enumerate(dates) if number in out]
    start = [f"DTSTART;{written(rule.start)}", *([] if at is None else ["DURATION:PT1H"])]
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", *start, f"RRULE:{rule.text}", *skipped, "END:VEVENT"]
    data = "\r\n".join([*lines, "END:VCALENDAR"]).encode()
    held = {day for number, day in enumerate(dates) if number not in out}

    reading = read_ics(data, source="a.ics", zone=HELSINKI, window=WINDOW, language="fi")

    shown = [(each["start"], each["end"]) for each in as_json(reading, HELSINKI)["occurrences"]]
    assert reading.problems == ()
    assert shown == Meets(held.__contains__, at, DAY if at is None else HOUR).times()
