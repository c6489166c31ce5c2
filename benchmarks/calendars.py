"""A year of events as organizers keep them: read in a process of its own, and beside it by the library alone.

``python -m benchmarks.calendars NUMBER apart|library`` reads so many events once, in a fresh process, and prints the
seconds, the MiB at most resident (of the process that reads, and of the one that asks) and the dates found, as JSON.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure

ROOT = Path(__file__).parents[1]
SIZES = {1_000: (1.5, 150), 10_000: (12, 400)}  # events: seconds and MiB at most
REPEAT = {1_000: 5, 10_000: 3}

NOW = datetime(2027, 1, 1, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=60), NOW + timedelta(days=400))
HELSINKI = ZoneInfo("Europe/Helsinki")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

HEAD = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:PUBLISH
X-WR-TIMEZONE:Europe/Helsinki
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T040000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:{uid}@benchmark.invalid
DTSTAMP:20261121T120000Z
CREATED:20260901T080000Z
LAST-MODIFIED:20261118T090000Z
SEQUENCE:{sequence}
SUMMARY:Kerho {uid}
LOCATION:Yhteisötalo\\, Katu 1
DESCRIPTION:Tervetuloa mukaan! Kahvia ja pullaa on tarjolla\\, eikä tarvitse ilmoittautua.\\nKysy
  lisää ohjaajalta.
CATEGORIES:ryhma
STATUS:CONFIRMED
CLASS:PUBLIC
TRANSP:OPAQUE
{times}
{more}END:VEVENT
"""
ATTENDEE = "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;CN=Onni:mailto:onni@benchmark.invalid\n"
ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Muistutus\nTRIGGER:-PT2H\nEND:VALARM\n"


def measure() -> list[Figure]:
    figures = []
    for number, (seconds, mebibytes) in SIZES.items():
        ours, library = [], []
        for _ in range(REPEAT[number]):
            ours.append(_in_a_process(number, "apart"))
            library.append(_in_a_process(number, "library"))
        assert {each["dates"] for each in ours} == {each["dates"] for each in library}
        named = f"{number:,} events read apart".replace(",", " ")
        figures += [
            Figure(
                name=named,
                unit="s",
                samples=[each["seconds"] for each in ours],
                at_most=seconds,
                bare=[each["seconds"] for each in library],
                bare_name="recurring-ical-events",
            ),
            Figure(
                name=f"{named}, resident at most",
                unit="MiB",
                samples=[each["reader"] for each in ours],
                at_most=mebibytes,
                bare=[each["reader"] for each in library],
                bare_name="recurring-ical-events",
            ),
            Figure(name=f"{named}, by whoever asks", unit="MiB", samples=[each["asker"] for each in ours]),
        ]
    return figures


def mixed(number: int) -> bytes:
    """Write a calendar: of ten events four are held once, one lasts days, and five repeat or change such a series."""
    return (HEAD + "".join(map(_event, range(number))) + "END:VCALENDAR\n").replace("\n", "\r\n").encode()


def _event(number: int) -> str:
    uid, sequence = number, 0
    start = NOW + number % 365 * DAY + _hour(number)
    match number % 10:
        case 0 | 1 | 2 | 3:
            times = _span(start)
        case 4:
            times = f"DTSTART;VALUE=DATE:{start:%Y%m%d}\nDTEND;VALUE=DATE:{start + 3 * DAY:%Y%m%d}"
        case 5:
            start = _first_of_series(number)
            times = f"{_span(start)}\nRRULE:FREQ=WEEKLY;BYDAY={WEEKDAYS[start.weekday()]}"
        case 6:
            start = _first_of_series(number)
            left_out = f"EXDATE;TZID=Europe/Helsinki:{start + 14 * DAY:%Y%m%dT%H%M%S}"
            times = f"{_span(start)}\nRRULE:FREQ=WEEKLY;UNTIL=20281231T215959Z\n{left_out}"
        case 7:
            times = f"{_span(start, 'Customized Time Zone')}\nRRULE:FREQ=MONTHLY;BYDAY=2TU"
        case 8:
            times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=30"
        case _:  # the second date of the weekly series before it is moved
            uid, sequence = number - 4, 1
            was = _first_of_series(uid) + 7 * DAY
            times = f"RECURRENCE-ID;TZID=Europe/Helsinki:{was:%Y%m%dT%H%M%S}\n{_span(was + DAY)}"
    more = ATTENDEE * (number % 5 == 0) + ALARM * (number % 4 == 0)
    return EVENT.format(uid=uid, sequence=sequence, times=times, more=more)


def _first_of_series(number: int) -> datetime:
    return NOW + number % 28 * DAY + _hour(number)


def _hour(number: int) -> timedelta:
    return 8 * HOUR + number % 32 * (HOUR / 4)


def _span(start: datetime, zone: str = "Europe/Helsinki") -> str:
    return f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}\nDTEND;TZID={zone}:{start + 2 * HOUR:%Y%m%dT%H%M%S}"


def _in_a_process(number: int, way: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.calendars", str(number), way],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return json.loads(done.stdout)


def _once(number: int, way: str) -> dict[str, float]:
    """Read the calendar here, from the first import on."""
    import resource  # noqa: PLC0415 - Windows has none

    data = mixed(number)
    began = time.perf_counter()
    dates = _apart(data) if way == "apart" else _by_the_library(data)
    seconds = time.perf_counter() - began
    here, there = (
        resource.getrusage(whose).ru_maxrss / 1024
        for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"seconds": seconds, "reader": there if way == "apart" else here, "asker": here, "dates": dates}


def _apart(data: bytes) -> int:
    from schedules.calendars.apart import read_apart  # noqa: PLC0415 - measured too

    reading = read_apart(
        data, source="a.ics", zone=HELSINKI, window=WINDOW, language="fi", fill={}, seconds=300.0
    )
    return len(reading.occurrences)


def _by_the_library(data: bytes) -> int:
    from icalendar import Calendar  # noqa: PLC0415
    from recurring_ical_events import CalendarQuery  # noqa: PLC0415

    return len(CalendarQuery(Calendar.from_ical(data)).between(*WINDOW))


if __name__ == "__main__":
    print(json.dumps(_once(int(sys.argv[1]), sys.argv[2])))
