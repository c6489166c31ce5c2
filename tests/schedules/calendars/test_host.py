"""What a calendar says does not depend on the machine that reads it, nor on what is read beside it."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.schedules.calendars.test_ics import calendar, read
from tests.schedules.calendars.test_ics_traps import CUSTOM_ZONE, IN_CUSTOM_ZONE

ROOT = Path(__file__).parents[3]

PRINT_ALL = """
import json, pathlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo
from bot.core.quiet_hours import QuietHours
from bot.core.recurrence import duration
from bot.core.reminders import alarms_of
from schedules.calendars import as_json, read_calendar

zone = ZoneInfo("Europe/Helsinki")
window = (datetime(2026, 10, 31, 22, tzinfo=UTC), datetime(2027, 12, 31, 22, tzinfo=UTC))
for name in ("content/schedule.yaml", "tests/data/schedule.ics"):
    reading = read_calendar(
        pathlib.Path(name).read_bytes(), source=name, zone=zone, window=window, language="fi", fill={}
    )
    print(json.dumps(as_json(reading, zone)))
    for occurrence in reading.occurrences:
        print(alarms_of(occurrence, default_leads=[duration("P1D")], hours=QuietHours.parse("20:00-09:00"), zone=zone))
"""


def printed(zone, locale):
    done = subprocess.run(
        [sys.executable, "-c", PRINT_ALL],
        cwd=ROOT,
        env=os.environ | {"TZ": zone, "LANG": locale, "LC_ALL": locale, "LANGUAGE": locale},
        check=True,
        capture_output=True,
    )
    return done.stdout


def test_the_output_is_the_same_byte_for_byte_in_any_zone_and_language_of_the_host():
    hosts = [
        ("UTC", "C.UTF-8"),
        ("Pacific/Kiritimati", "en_US.UTF-8"),
        ("America/Los_Angeles", "sv_FI.UTF-8"),
    ]

    with ThreadPoolExecutor(2) as pool:
        outputs = list(pool.map(lambda host: printed(*host), hosts))

    assert outputs[0].count(b"Alarm(") > 200
    assert outputs == [outputs[0]] * len(hosts)


def test_calendars_that_are_read_at_once_do_not_share_their_zones():
    calendars = [calendar(IN_CUSTOM_ZONE, top=CUSTOM_ZONE.format(f"+{hours:02}00")) for hours in range(8)] * 5

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that the threads get in each other's way
    try:
        with ThreadPoolExecutor(8) as pool:
            hours = [reading.occurrences[0].start.hour for reading in pool.map(read, calendars)]
    finally:
        sys.setswitchinterval(interval)

    assert hours == [13 - hours for hours in range(8)] * 5
