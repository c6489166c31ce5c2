"""What calendar programs really write (DOMAIN.md, I)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from time import perf_counter

import pytest

from tests.schedules.calendars.test_ics import HELSINKI, ONCE, WEEKLY, calendar, only, read, starts

CUSTOM_ZONE = """\
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE"""
IN_CUSTOM_ZONE = "UID:a\nDTSTART;TZID=Customized Time Zone:20270310T130000\nSUMMARY:A"


def override(day, *lines):
    return "\n".join(["UID:a", f"RECURRENCE-ID;TZID=Europe/Helsinki:202701{day}T130000", *lines])


def at(day, hour):
    return f"DTSTART;TZID=Europe/Helsinki:202701{day}T{hour}0000"


def told(reading):
    return [each.what for each in reading.problems]


def test_one_calendar_s_time_zone_is_never_another_s():
    plus_two, plus_five = (
        calendar(IN_CUSTOM_ZONE, top=CUSTOM_ZONE.format(each)) for each in ("+0200", "+0500")
    )
    undefined = calendar(IN_CUSTOM_ZONE)
    expected = {plus_two: 11, plus_five: 8, undefined: 11}

    for order in permutations(expected):
        assert [read(each).occurrences[0].start.hour for each in order] == [expected[each] for each in order]


def test_a_time_zone_may_stand_after_the_events():
    data = calendar(IN_CUSTOM_ZONE, CUSTOM_ZONE.format("+0500")).replace(
        b"BEGIN:VEVENT\r\nBEGIN:VTIMEZONE", b"BEGIN:VTIMEZONE"
    )

    assert read(data).occurrences[0].start == datetime(2027, 3, 10, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone",
    [
        "FLE Standard Time",
        '"FLE Standard Time"',
        "/freeassociation.sourceforge.net/Europe/Helsinki",
        "Europe/Helsinki",
        "/Europe/Helsinki",
    ],
)
def test_other_names_of_our_zone_are_known(zone):
    assert only(f"UID:a\nDTSTART;TZID={zone}:20270610T130000").start == datetime(2027, 6, 10, 10, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Western/Central Europe", "Customized Time Zone"])
def test_an_unknown_zone_is_ours_and_told(zone):
    reading = read(calendar(f"UID:a\nDTSTART;TZID={zone}:20270610T130000"))

    assert starts(reading) == ["10.06. 13.00"]
    assert [str(each) for each in reading.problems] == [
        f"line 5: a: its time zone '{zone}' is unknown. Give it one; until then it is taken as Europe/Helsinki."
    ]


def test_a_time_zone_that_cannot_be_read_is_told():
    reading = read(calendar(ONCE, top=CUSTOM_ZONE.format("sometimes")))

    assert (starts(reading), told(reading)) == (["10.03. 13.00"], ["a time zone cannot be read (ValueError)"])


def test_floating_times_go_by_the_calendar_s_zone():
    assert only("UID:a\nDTSTART:20270310T130000", top="X-WR-TIMEZONE:Europe/Stockholm").start.hour == 12


@pytest.mark.parametrize("top", ["", "X-WR-TIMEZONE:Nowhere", "X-WR-TIMEZONE:Europe"])
def test_floating_times_of_a_calendar_without_a_zone_are_ours_and_told(top):
    reading = read(calendar("UID:a\nDTSTART:20270310T130000\nEXDATE:20270311T130000", top=top))

    assert (starts(reading), told(reading)) == (["10.03. 13.00"], ["a: its hour names no time zone"])


def test_a_series_in_utc_is_shown_as_it_is_and_told():
    reading = read(calendar("UID:a\nDTSTART:20270318T110000Z\nRRULE:FREQ=WEEKLY;COUNT=3"))

    assert starts(reading) == ["18.03. 13.00", "25.03. 13.00", "01.04. 14.00"]
    assert told(reading) == ["a: it repeats in UTC, so its hour shifts when the clocks are turned"]


def test_skipped_dates_may_be_written_in_utc_or_as_days():
    weekly = f"{WEEKLY}\nEXDATE:20270114T110000Z\nEXDATE;VALUE=DATE:20270121"

    assert starts(read(calendar(weekly))) == ["07.01. 13.00", "28.01. 13.00"]


def test_further_dates_may_be_periods_of_their_own_length():
    event = f"{ONCE}\nRDATE;TZID=Europe/Helsinki;VALUE=PERIOD:20270311T100000/PT3H"

    assert [(each.start.day, each.end - each.start) for each in read(calendar(event)).occurrences] == [
        (10, timedelta(hours=1)),
        (11, timedelta(hours=3)),
    ]


def test_a_floating_period_goes_by_the_zone_of_the_start():
    event = f"{ONCE}\nRDATE;VALUE=PERIOD:20270311T100000/20270311T120000"

    assert starts(read(calendar(event))) == ["10.03. 13.00", "11.03. 10.00"]


def test_an_end_before_the_start_means_no_dates():
    assert read(calendar(WEEKLY.replace("COUNT=4", "UNTIL=20260101T000000Z"))).occurrences == ()


@pytest.mark.parametrize("order", [1, -1])
def test_an_override_may_stand_before_its_series(order):
    events = [WEEKLY, override(14, at(15, 10), "STATUS:CONFIRMED")]

    assert starts(read(calendar(*events[::order]))) == [
        "07.01. 13.00",
        "15.01. 10.00",
        "21.01. 13.00",
        "28.01. 13.00",
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_override_wins_wherever_it_stands(order):
    events = [
        override(14, at(14, 15), "SEQUENCE:1", "DTSTAMP:20270101T000000Z"),
        override(14, at(14, 16), "SEQUENCE:2", "DTSTAMP:20270102T000000Z"),
        override(14, at(14, 17), "SEQUENCE:2", "DTSTAMP:20270103T000000Z"),
    ]

    assert starts(read(calendar(*events[::order], WEEKLY)))[1] == "14.01. 17.00"


def test_overrides_without_their_series_are_shown():
    reading = read(calendar(override(14, at(14, 15))))

    assert [(each.recurrence_id, each.start.hour) for each in reading.occurrences] == [
        ("2027-01-14T13:00:00+02:00", 13)
    ]


def test_an_override_may_name_its_date_by_the_day():
    day = "UID:a\nRECURRENCE-ID;VALUE=DATE:20270114\nSTATUS:CANCELLED\n" + at(14, 13)

    reading = read(calendar(WEEKLY, day))

    assert [(each.recurrence_id[:10], each.status) for each in reading.occurrences] == [
        ("2027-01-07", "confirmed"),
        ("2027-01-14", "cancelled"),
        ("2027-01-21", "confirmed"),
        ("2027-01-28", "confirmed"),
    ]


def test_an_override_of_a_whole_day_may_name_a_midnight():
    days = "UID:a\nDTSTART;VALUE=DATE:20270107\nRRULE:FREQ=WEEKLY;COUNT=2"
    midnight = "UID:a\nRECURRENCE-ID;TZID=FLE Standard Time:20270114T000000\nDTSTART;VALUE=DATE:20270115"

    reading = read(calendar(days, midnight))

    assert [
        (each.recurrence_id, starts(reading)[number]) for number, each in enumerate(reading.occurrences)
    ] == [
        ("2027-01-07", "07.01. 00.00"),
        ("2027-01-14", "15.01. 00.00"),
    ]


def test_this_and_future_moves_all_that_follow_and_each_keeps_its_own_id():
    moved = override(14, at(15, 14)).replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;")

    reading = read(calendar(WEEKLY, moved))

    assert starts(reading) == ["07.01. 13.00", "15.01. 14.00", "22.01. 14.00", "29.01. 14.00"]
    assert [each.recurrence_id[:16] for each in reading.occurrences] == [
        "2027-01-07T13:00",
        "2027-01-14T13:00",
        "2027-01-21T13:00",
        "2027-01-28T13:00",
    ]


def test_a_cancelled_series_is_cancelled_on_each_date():
    assert {each.status for each in read(calendar(f"{WEEKLY}\nSTATUS:CANCELLED")).occurrences} == {
        "cancelled"
    }


def test_of_two_series_with_one_uid_the_newer_is_shown():
    older, newer = f"{WEEKLY}\nSEQUENCE:1", WEEKLY.replace("T130000", "T140000") + "\nSEQUENCE:2"

    reading = read(calendar(older, newer))

    assert ({each[-5:] for each in starts(reading)}, reading.problems) == ({"14.00"}, ())


def test_of_two_events_with_one_uid_and_no_order_the_other_is_told():
    reading = read(calendar(ONCE, ONCE.replace("20270310", "20270311")))

    assert (starts(reading), told(reading)) == (
        ["10.03. 13.00"],
        ["b: another event has the same UID; only the newest is shown"],
    )


def test_without_uid_an_event_has_an_id_that_stays():
    without = ONCE.replace("UID:b\n", "DTSTAMP:{}\n")

    first, again, other = (
        read(calendar(each)).occurrences[0].uid
        for each in (
            without.format("20270101T000000Z"),
            without.format("20270202T000000Z"),
            without.replace("Kerran", "X"),
        )
    )

    assert first == again
    assert other != first


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


def test_an_empty_title_is_no_title():
    assert only(ONCE.replace("Kerran", "")).title == {}


def test_an_empty_rule_is_no_rule():
    assert only(f"{ONCE}\nRRULE:").recurrence_id is None


def test_a_line_that_makes_no_sense_is_told_and_the_event_kept():
    reading = read(calendar(f"{ONCE}\nnonsense"))

    assert (starts(reading), told(reading)) == (
        ["10.03. 13.00"],
        ["'Kerran' (b): one of its lines makes no sense"],
    )


def test_a_property_that_does_not_matter_may_be_broken_or_stand_twice():
    assert (
        only(f"{ONCE}\nSEQUENCE:often\nSTATUS:CONFIRMED\nSTATUS:CANCELLED\nDTSTART:20270401T100000Z").status
        == "confirmed"
    )


def test_an_alarm_that_makes_no_sense_is_told_and_the_event_kept():
    reading = read(calendar(f"{ONCE}\nBEGIN:VALARM\nTRIGGER:-15M\nEND:VALARM"))

    assert [(each.line, each.what) for each in reading.problems] == [
        (9, "'Kerran' (b): its alarm makes no sense")
    ]
    assert [each.leads for each in reading.occurrences] == [None]


def test_an_event_without_its_end_is_told_and_kept():
    reading = read(calendar(ONCE, WEEKLY).replace(b"END:VEVENT\r\n", b"", 1))

    assert (len(reading.occurrences), told(reading)) == (5, ["'Kerran' (b): its END:VEVENT is missing"])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n\r\n"])
def test_other_line_ends_are_read(end):
    assert len(read(calendar(WEEKLY, end=end)).occurrences) == 4


@pytest.mark.parametrize("start", ["00010101T000000", "99991231T235959", "99991231T235959Z"])
def test_the_ends_of_time_are_quick_and_never_listed(start):
    reading = read(calendar(f"UID:a\nDTSTART:{start}", ONCE))

    assert [each.uid for each in reading.occurrences] == ["b"]


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
    ],
)
def test_a_rule_that_never_ends_searching_is_refused_at_once(rule):
    began = perf_counter()

    reading = read(calendar(f"UID:a\nDTSTART;TZID=Europe/Helsinki:19700101T000000\nRRULE:{rule}", ONCE))

    assert perf_counter() - began < 1  # the promise of T-23, and far from any measured 0.01 s
    assert ([each.uid for each in reading.occurrences], len(reading.problems)) == (["b"], 1)


def test_a_moment_is_still_listed_in_our_zone():
    assert only("UID:a\nDTSTART:20270310T110000Z").start.astimezone(HELSINKI).hour == 13
