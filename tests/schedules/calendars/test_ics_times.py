"""When an event is, however programs spell it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.schedules.calendars.test_ics import HELSINKI, ONCE, calendar, only, read, starts
from tests.schedules.calendars.test_ics_traps import once, told


def test_an_hour_in_utc_and_in_a_zone_at_once_is_in_utc_and_told():
    reading = read(calendar("UID:a\nDTSTART;TZID=Europe/Helsinki:20270610T100000Z"))

    assert (starts(reading), told(reading)) == (
        ["10.06. 13.00"],
        ["a: its hour is in UTC and in 'Europe/Helsinki' at once"],
    )


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART;TZID=Europe/Helsinki:20270610T1300",
        "DTSTART;TZID=Europe/Helsinki:2027-06-10T13:00:00",
        "DTSTART;TZID=Europe/Helsinki:2027-06-10 13:00",
        "DTSTART;TZID=Europe/Helsinki;VALUE=DATE-TIME:20270610T130000",
        "DTSTART;TZID=Europe/Helsinki;:20270610T130000",
        "DTSTART;TZID='Europe/Helsinki':20270610T130000",
        "dtstart ;tzid=Europe/Helsinki : 20270610T130000",
        "DTSTART:TZID=Europe/Helsinki:20270610T130000",
        'DTSTART;TZID="FLE Standard Time:20270610T130000"',
        'DTSTART;TZID="(UTC+02:00) Helsinki, Kyiv:20270610T130000"',
        "DTSTART;TZID=(UTC+02:00) Helsinki, Kyiv:20270610T130000",
        "DTSTART:20270610T100000Z",
        "DTSTART:20270610T100000z",
        "DTSTART:20270610T130000+0300",
        "DTSTART:2027-06-10T06:00:00-04:00",
        "DTSTART:20270610T100000.000Z",
    ],
)
def test_a_start_is_read_however_it_is_spelled(line):
    assert only(f"UID:a\n{line}").start == datetime(2027, 6, 10, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART;VALUE=DATE:20270610",
        "DTSTART:20270610",
        "DTSTART:2027-06-10",
        "DTSTART;VALUE=DATE:20270610T120000",
        "DTSTART;TZID=Europe/Helsinki:20270610",
        (
            "DTSTART;TZID=FLE Standard Time:20270610T000000\nDTEND;TZID=FLE Standard Time:20270611T000000\n"
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"
        ),
        "DTSTART:20270609T210000Z\nDTEND:20270610T210000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        "DTSTART;VALUE=DATE:20270610\nDURATION:PT24H",
        "DTSTART;VALUE=DATE:20270610\nDURATION:PT8H",
    ],
)
def test_a_whole_day_is_read_however_it_is_spelled(line):
    event = only(f"UID:a\n{line}")

    assert (event.all_day, event.start, event.end) == (
        True,
        datetime(2027, 6, 9, 21, tzinfo=UTC),
        datetime(2027, 6, 10, 21, tzinfo=UTC),
    )


def test_midnight_to_midnight_is_no_whole_day_unless_it_says_so():
    event = only(once("DTEND;TZID=Europe/Helsinki:20270611T000000", hours="20270610T000000"))

    assert not event.all_day


@pytest.mark.parametrize("start", ["20270610T250000", "20270631T130000", "tomorrow", "", "20270610T1"])
def test_what_is_no_time_is_told(start):
    assert told(read(calendar(f"UID:a\nDTSTART:{start}"))) == ["a: its DTSTART makes no sense"]


@pytest.mark.parametrize(
    ("lines", "length", "all_day", "problem"),
    [
        ("DTSTART;VALUE=DATE:20270310\nDTEND;VALUE=DATE:20270310", 24, True, None),
        ("DTSTART;VALUE=DATE:20270310", 24, True, None),
        ("DTSTART:20270310T110000Z", 0, False, None),
        ("DTSTART:20270310T110000Z\nDTEND:20270310T110000Z", 0, False, None),
        ("DTSTART:20270310T110000Z\nDURATION:PT90M", 1.5, False, None),
        ("DTSTART:20270310T110000Z\nDURATION:-PT90M", 0, False, "it ends before it begins"),
        ("DTSTART:20270310T110000Z\nDTEND:20270310T100000Z", 0, False, "it ends before it begins"),
        ("DTSTART;VALUE=DATE:20270310\nDTEND;VALUE=DATE:20270309", 24, True, "it ends before it begins"),
        (
            "DTSTART:20270310T110000Z\nDTEND;VALUE=DATE:20270311",
            24,
            True,
            "only its start or its end has an hour",
        ),
        (
            "DTSTART;VALUE=DATE:20270310\nDTEND:20270311T120000Z",
            24,
            True,
            "only its start or its end has an hour",
        ),
    ],
)
def test_odd_lengths_are_kept(lines, length, all_day, problem):
    reading = read(calendar(f"UID:a\n{lines}"))

    (event,) = reading.occurrences
    assert (event.end - event.start, event.all_day, event.start.day) == (
        timedelta(hours=length),
        all_day,
        9 + (not all_day),
    )
    assert told(reading) == ([f"a: {problem}"] if problem else [])


def test_what_begins_in_the_skipped_hour_never_ends_before_it_begins():
    event = only(
        "UID:a\nDTSTART;TZID=Europe/Helsinki:20270328T033000\nDTEND;TZID=Europe/Helsinki:20270328T040000"
    )

    assert (event.start, event.end - event.start) == (
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        timedelta(minutes=30),
    )


@pytest.mark.parametrize(
    ("day", "spans"),
    [  # 03.30 is skipped in one night and comes twice in the other; the series lasts an hour each night
        ("20270327", ["27.03. 03.30", "28.03. 04.30", "29.03. 03.30"]),
        ("20271030", ["30.10. 03.30", "31.10. 03.30", "01.11. 03.30"]),
    ],
)
@pytest.mark.parametrize("freq", ["DAILY", "MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"])
def test_a_series_lasts_as_long_in_the_nights_when_the_clocks_are_turned(day, spans, freq):
    nightly = f"UID:a\nDTSTART;TZID=Europe/Helsinki:{day}T033000\nDTEND;TZID=Europe/Helsinki:{day}T043000"

    reading = read(calendar(f"{nightly}\nRRULE:FREQ={freq};COUNT=3"))

    assert starts(reading) == spans
    assert {each.end - each.start for each in reading.occurrences} == {timedelta(hours=1)}
    assert [datetime.fromisoformat(each.recurrence_id) for each in reading.occurrences] == [
        each.start for each in reading.occurrences
    ]


def test_what_lasts_over_the_night_ends_when_it_says():
    night = "UID:a\nDTSTART;TZID=Europe/Helsinki:20270327T233000\nDTEND;TZID=Europe/Helsinki:20270328T063000"

    assert only(night).end == datetime(2027, 3, 28, 3, 30, tzinfo=UTC)


def test_two_hours_that_are_one_in_the_night_when_one_is_skipped_are_one_date():
    twice = "UID:a\nDTSTART;TZID=Europe/Helsinki:20270327T033000\nRRULE:FREQ=DAILY;BYHOUR=3,4;COUNT=6"

    assert starts(read(calendar(twice))) == [
        "27.03. 03.30",
        "27.03. 04.30",
        "28.03. 04.30",
        "29.03. 03.30",
        "29.03. 04.30",
    ]


@pytest.mark.parametrize("start", ["00010101T000000", "99991231T235959", "99991231T235959Z"])
def test_the_ends_of_time_are_quick_and_never_listed(start):
    reading = read(calendar(f"UID:a\nDTSTART:{start}", ONCE))

    assert [each.uid for each in reading.occurrences] == ["b"]


def test_a_moment_is_still_listed_in_our_zone():
    assert only("UID:a\nDTSTART:20270310T110000Z").start.astimezone(HELSINKI).hour == 13
