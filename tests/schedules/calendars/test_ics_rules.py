"""What repeats, what is added to it and what is left out, however programs spell it."""

from datetime import timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from schedules.calendars.ics import read_ics
from tests.schedules.calendars.test_ics import ONCE, WEEKLY, WINDOW, calendar, only, read, starts
from tests.schedules.calendars.test_ics_traps import once, told


@pytest.mark.parametrize("start", [":20270318T110000Z", ";TZID=UTC:20270318T110000", ":20270318T130000+0200"])
def test_a_series_in_utc_is_shown_as_it_is_and_told(start):
    reading = read(calendar(f"UID:a\nDTSTART{start}\nRRULE:FREQ=WEEKLY;COUNT=3"))

    assert starts(reading) == ["18.03. 13.00", "25.03. 13.00", "01.04. 14.00"]
    assert told(reading) == ["a: it repeats in UTC, so its hour shifts with summer time"]


@pytest.mark.parametrize(
    "skipped",
    [
        "EXDATE:20270114T110000Z,20270121T110000Z",
        "EXDATE;VALUE=DATE:20270114,20270121",
        "EXDATE;VALUE=DATE:20270114\nEXDATE:20270121T110000Z",
        "EXDATE;TZID=Europe/Stockholm:20270114T120000\nEXDATE;TZID=Europe/Helsinki:20270121T130000",
        'EXDATE;TZID="FLE Standard Time:20270114T130000,20270121T130000"',
        "EXDATE:20270114T130000;20270121T130000\nEXDATE:",
        "EXDATE;TZID=Europe/Helsinki:20270114,20270121T130000",
        "EXDATE;VALUE=PERIOD:20270114T110000Z/PT1H\nEXDATE;VALUE=DATE:20270121",
    ],
)
def test_skipped_dates_are_read_however_they_are_spelled(skipped):
    assert starts(read(calendar(f"{WEEKLY}\n{skipped}"))) == ["07.01. 13.00", "28.01. 13.00"]


def test_an_hour_left_out_takes_no_other_hour_of_that_day_with_it():
    twice_a_day = once("RRULE:FREQ=DAILY;COUNT=2\nRDATE:20270610T080000Z\nEXDATE:20270610T100000Z")

    assert starts(read(calendar(twice_a_day))) == ["10.06. 11.00", "11.06. 13.00"]


@pytest.mark.parametrize(
    "skipped",
    [
        "EXDATE;VALUE=DATE:20270114",
        "EXDATE:20270114T000000",
        "EXDATE:20270113T220000Z",
        "EXDATE:20270114T000000Z",
    ],
)
def test_skipped_whole_days_may_be_written_as_midnights(skipped):
    days = f"UID:a\nDTSTART;VALUE=DATE:20270107\nRRULE:FREQ=WEEKLY;COUNT=3\n{skipped}"

    assert [each.recurrence_id for each in read(calendar(days)).occurrences] == ["2027-01-07", "2027-01-21"]


def test_where_the_start_floats_a_skipped_date_with_a_z_means_its_hour():
    floating = WEEKLY.replace(";TZID=Europe/Helsinki", "") + "\nEXDATE:20270114T130000Z,20270121T110000Z"

    assert starts(read(calendar(floating))) == ["07.01. 13.00", "28.01. 13.00"]


@pytest.mark.parametrize(
    ("further", "start", "hours"),
    [
        ("RDATE;TZID=Europe/Helsinki;VALUE=PERIOD:20270311T100000/PT3H", 10, 3),
        ("RDATE;VALUE=PERIOD:20270311T080000Z/20270311T110000Z", 10, 3),
        ("RDATE:20270311T080000Z/PT3H", 10, 3),
        ("RDATE:20270311T080000Z", 10, 1),
        ("RDATE:20270311T100000", 10, 1),
        ("RDATE;VALUE=DATE:20270311", 13, 1),
        ("RDATE;TZID=Europe/Stockholm:20270311T090000", 10, 1),
    ],
)
def test_further_dates_are_read_however_they_are_spelled(further, start, hours):
    reading = read(calendar(f"{ONCE}\n{further}"))

    assert starts(reading) == ["10.03. 13.00", f"11.03. {start}.00"]
    assert reading.occurrences[1].end - reading.occurrences[1].start == timedelta(hours=hours)


@pytest.mark.parametrize("further", ["20270114", "20270114T000000", "20270113T220000Z"])
def test_further_whole_days_may_be_written_as_midnights(further):
    days = f"UID:a\nDTSTART;VALUE=DATE:20270107\nRDATE:{further}"

    assert [each.recurrence_id for each in read(calendar(days)).occurrences] == ["2027-01-07", "2027-01-14"]


def test_a_floating_period_goes_by_the_zone_of_the_start():
    event = f"{ONCE}\nRDATE;VALUE=PERIOD:20270311T100000/20270311T120000"

    assert starts(read(calendar(event))) == ["10.03. 13.00", "11.03. 10.00"]


@pytest.mark.parametrize(
    "until",
    [
        "20270121T110000Z",
        "20270121T130000",
        "20270121",
        "20270121T215959Z",
        "20270121T235959",
        "20270128T105959Z",
        "2027-01-21",
        "20270121T1300",
        "20270121T130000+0200",
        "20270121t110000z",
        " 20270121",
    ],
)
def test_the_last_date_is_the_same_however_it_is_spelled(until):
    series = WEEKLY.replace("COUNT=4", f"UNTIL={until}")

    assert starts(read(calendar(series))) == ["07.01. 13.00", "14.01. 13.00", "21.01. 13.00"]


@pytest.mark.parametrize(
    "until", ["20270121", "20270120T220000Z", "20270121T000000Z", "20270121T215959Z", "20270121T235959"]
)
@pytest.mark.parametrize("freq", ["WEEKLY", "DAILY;BYDAY=TH", "MONTHLY;BYMONTHDAY=7,14,21,28"])
def test_the_last_of_whole_days_is_the_same_however_it_is_spelled(until, freq):
    days = f"UID:a\nDTSTART;VALUE=DATE:20270107\nRRULE:FREQ={freq};UNTIL={until}"

    assert [each.recurrence_id for each in read(calendar(days)).occurrences] == [
        "2027-01-07",
        "2027-01-14",
        "2027-01-21",
    ]


def test_the_midnight_of_utc_ends_whole_days_on_its_own_day_west_of_it_too():
    days = "UID:a\nDTSTART;VALUE=DATE:20270107\nRRULE:FREQ=WEEKLY;UNTIL=20270114T000000Z"
    zone = ZoneInfo("America/New_York")

    reading = read_ics(calendar(days), source="a.ics", zone=zone, window=WINDOW, language="fi")

    assert [each.recurrence_id for each in reading.occurrences] == ["2027-01-07", "2027-01-14"]


@pytest.mark.parametrize("freq", ["WEEKLY", "MONTHLY;BYDAY=TH"])
@pytest.mark.parametrize("end", ["COUNT=2;UNTIL=20270128", "COUNT=9;UNTIL=20270114"])
def test_of_two_ends_the_first_holds(freq, end):
    assert starts(read(calendar(WEEKLY.replace("WEEKLY;COUNT=4", f"{freq};{end}")))) == [
        "07.01. 13.00",
        "14.01. 13.00",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "freq=weekly; byday=th ,;count=2;",
        "FREQ=WEEKLY;COUNT=2;UNTIL=;BYDAY=",
        "FREQ=WEEKLY;COUNT=2;RSCALE=GREGORIAN;SKIP=OMIT",
        "FREQ=WEEKLY;UNTIL=20270114;COUNT=-1",
        "FREQ=MONTHLY;BYDAY=TH;COUNT=2",
        "FREQ=WEEKLY;COUNT=1\nRRULE:FREQ=DAILY;INTERVAL=7;COUNT=2",
    ],
)
def test_a_rule_is_read_however_it_is_spelled(rule):
    assert starts(read(calendar(WEEKLY.replace("FREQ=WEEKLY;COUNT=4", rule)))) == [
        "07.01. 13.00",
        "14.01. 13.00",
    ]


def test_a_first_date_that_its_rule_does_not_name_is_a_date_all_the_same():
    assert starts(read(calendar(WEEKLY.replace("COUNT=4", "COUNT=2;BYDAY=FR")))) == [
        "07.01. 13.00",
        "08.01. 13.00",
        "15.01. 13.00",
    ]


def test_a_rule_of_exceptions_is_told():
    reading = read(calendar(f"{WEEKLY}\nEXRULE:FREQ=WEEKLY;INTERVAL=2"))

    assert (len(reading.occurrences), told(reading)) == (
        4,
        ["'Ryhmä' (a): it leaves out dates by a rule that Vertti cannot follow (EXRULE)"],
    )


def test_a_birthday_of_no_known_year_is_shown_each_year():
    birthday = "UID:a\nDTSTART;VALUE=DATE:16040229\nRRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1"

    assert only(birthday).recurrence_id == "2027-03-01"


def test_an_end_before_the_start_means_no_dates():
    assert read(calendar(WEEKLY.replace("COUNT=4", "UNTIL=20260101T000000Z"))).occurrences == ()


def test_an_empty_rule_is_no_rule():
    assert only(f"{ONCE}\nRRULE:").recurrence_id is None


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYSETPOS=5;BYDAY=MO",
        "FREQ=DAILY;BYYEARDAY=366",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=WEEKLY;BYWEEKNO=53",
        "FREQ=YEARLY;BYHOUR=1,2,3,4,5,6;BYMINUTE=1,2,3,4,5",
        "FREQ=YEARLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=DAILY;BYHOUR=8,10,12,14,16,18,20;BYMINUTE=0,30",
    ],
)
def test_a_rule_that_never_ends_searching_is_refused_at_once(rule):
    began = perf_counter()

    reading = read(calendar(f"UID:a\nDTSTART;TZID=Europe/Helsinki:19700101T000000\nRRULE:{rule}", ONCE))

    assert perf_counter() - began < 1  # the promise of T-23, and far from any measured 0.01 s
    assert ([each.uid for each in reading.occurrences], len(reading.problems)) == (["b"], 1)
