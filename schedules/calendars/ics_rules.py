"""Rules of repetition that cannot be followed, told before anybody tries (DOMAIN.md, I 2)."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RANGES = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", *RANGES}
# What a rule of this frequency cannot hold (RFC 5545, 3.3.10), or what could keep it searching for seconds.
MISPLACED = {
    "DAILY": ("BYWEEKNO", "BYYEARDAY", "BYSETPOS"),
    "WEEKLY": ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"),
    "MONTHLY": ("BYWEEKNO", "BYYEARDAY"),
}
LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}  # days of a month; all others have 31
TIMES_A_DAY = 24  # more than that is no meeting

Parts = Mapping[str, list[Any]]


def wrong_with(rule: Parts) -> str | None:
    """Say why a rule, as the library gives it, cannot be followed; None: it can."""
    return next(_faults(rule), None)


def _faults(rule: Parts) -> Iterator[str]:
    for part in sorted(set(rule) - PARTS):
        yield f"its rule has the unknown part {part}"
    freq = str(rule.get("FREQ", [""])[0])
    if freq not in FREQUENCIES:
        yield f"it repeats {freq or 'in no way that it says'}"
    if any(int(interval) < 1 for interval in rule.get("INTERVAL", [])):
        yield "it repeats without end on one day"
    for part in MISPLACED.get(freq, ()):
        if part in rule:
            yield f"{freq} cannot go with {part}"
    for part, most in RANGES.items():
        if any(not 1 <= abs(int(number)) <= most for number in rule.get(part, [])):
            yield f"its {part} is a number that cannot be"
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY", [])]
    months = [int(month) for month in rule.get("BYMONTH", [])]
    if days and months and min(days) > max(LONGEST.get(month, 31) for month in months):
        yield "it repeats on a day that no such month has"
    if prod(len(rule.get(part, [0])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND")) > TIMES_A_DAY:
        yield "it repeats too often in a day"
