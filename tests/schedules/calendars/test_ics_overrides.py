"""Dates that are not as their series has them, and what stands twice under one UID."""

from datetime import timedelta
from itertools import permutations

import pytest

from tests.schedules.calendars.test_ics import ONCE, WEEKLY, calendar, read, starts
from tests.schedules.calendars.test_ics_traps import told


def override(day, *lines):
    return "\n".join(["UID:a", f"RECURRENCE-ID;TZID=Europe/Helsinki:202701{day}T130000", *lines])


def at(day, hour):
    return f"DTSTART;TZID=Europe/Helsinki:202701{day}T{hour}0000"


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
        override(14, at(14, 15), "SEQUENCE:1", "DTSTAMP:20270104T000000Z"),
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


def following(day, *lines):
    return override(day, *lines).replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;")


def test_this_and_future_moves_whole_days_too():
    days = "UID:a\nDTSTART;VALUE=DATE:20270107\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20270114\nDTSTART;VALUE=DATE:20270116\nDURATION:P2D"

    reading = read(calendar(days, moved))

    assert [(each.recurrence_id, each.end - each.start) for each in reading.occurrences] == [
        ("2027-01-07", timedelta(days=1)),
        ("2027-01-14", timedelta(days=2)),
        ("2027-01-21", timedelta(days=2)),
    ]
    assert starts(reading) == ["07.01. 00.00", "16.01. 00.00", "23.01. 00.00"]


def test_this_and_future_may_be_cancelled_or_get_another_title_and_length():
    longer = following(14, at(14, 13), "DTEND;TZID=Europe/Helsinki:20270114T160000", "SUMMARY:Retki")
    over = following(28, at(28, 13), "STATUS:CANCELLED")

    reading = read(calendar(longer, over, WEEKLY.replace("COUNT=4", "COUNT=5")))

    assert [
        (each.start.day, each.end - each.start, each.title["fi"], each.status) for each in reading.occurrences
    ] == [
        (7, timedelta(hours=2), "Ryhmä", "confirmed"),
        (14, timedelta(hours=3), "Retki", "confirmed"),
        (21, timedelta(hours=3), "Retki", "confirmed"),
        (28, timedelta(), "Ryhmä", "cancelled"),
        (4, timedelta(), "Ryhmä", "cancelled"),
    ]


def test_a_date_after_this_and_future_may_be_moved_or_left_out_by_its_own_name():
    reading = read(
        calendar(
            f"{WEEKLY.replace('COUNT=4', 'COUNT=5')}\nEXDATE:20270128T110000Z",
            following(14, at(14, 15)),
            override(21, at(22, "09")),
        )
    )

    assert [
        (each.recurrence_id[:10], starts(reading)[number]) for number, each in enumerate(reading.occurrences)
    ] == [
        ("2027-01-07", "07.01. 13.00"),
        ("2027-01-14", "14.01. 15.00"),
        ("2027-01-21", "22.01. 09.00"),
        ("2027-02-04", "04.02. 15.00"),
    ]


def test_an_override_without_a_start_is_where_it_was():
    cancelled = read(calendar(WEEKLY, override(14, "STATUS:CANCELLED"))).occurrences[1]

    assert (cancelled.recurrence_id, cancelled.start.hour, cancelled.status) == (
        "2027-01-14T13:00:00+02:00",
        11,
        "cancelled",
    )


def test_what_a_calendar_is_sent_to_cancel_is_cancelled():
    reading = read(calendar(WEEKLY, override(14, at(14, 13)), top="METHOD:CANCEL"))

    assert {each.status for each in reading.occurrences} == {"cancelled"}


@pytest.mark.parametrize("named", ["20270114T110000Z", "20270114T130000", "20270114"])
def test_an_override_may_name_its_date_in_another_way_than_its_series(named):
    moved = f"UID:a\nRECURRENCE-ID:{named}\n{at(14, 18)}"

    assert starts(read(calendar(WEEKLY, moved)))[1] == "14.01. 18.00"


def test_an_override_of_a_date_that_is_left_out_is_left_out():
    reading = read(calendar(f"{WEEKLY}\nEXDATE;VALUE=DATE:20270114", override(14, at(14, 18))))

    assert starts(reading) == ["07.01. 13.00", "21.01. 13.00", "28.01. 13.00"]


def test_an_override_of_no_date_of_its_series_is_shown_beside_them():
    assert starts(read(calendar(WEEKLY, override(15, at(15, 18)))))[1:3] == ["14.01. 13.00", "15.01. 18.00"]


@pytest.mark.parametrize("status", ["CANCELLED", "cancelled", "CANCELED"])
def test_a_cancelled_series_is_cancelled_on_each_date(status):
    reading = read(calendar(f"{WEEKLY}\nSTATUS:{status}"))

    assert {each.status for each in reading.occurrences} == {"cancelled"}


def test_of_two_series_with_one_uid_the_newer_is_shown():
    older, newer = f"{WEEKLY}\nSEQUENCE:1", WEEKLY.replace("T130000", "T140000") + "\nSEQUENCE:2"

    reading = read(calendar(older, newer))

    assert ({each[-5:] for each in starts(reading)}, reading.problems) == ({"14.00"}, ())


def test_a_newer_version_far_off_takes_the_older_one_with_it():
    older, newer = f"{ONCE}\nSEQUENCE:1", f"{ONCE.replace('2027', '2035')}\nSEQUENCE:2"

    assert read(calendar(older, newer)).occurrences == ()


def test_of_two_events_with_one_uid_and_no_order_the_other_is_told():
    reading = read(calendar(ONCE, ONCE.replace("20270310", "20270311")))

    assert (starts(reading), told(reading)) == (
        ["10.03. 13.00"],
        ["'Kerran' (b): another event has the same UID; only the newest is shown"],
    )


def test_the_order_of_a_file_changes_nothing():
    events = [
        WEEKLY,
        WEEKLY.replace("T130000", "T140000"),
        override(14, at(14, 15)),
        override(14, at(14, 16)),
        override(21, at(22, "09"), "SEQUENCE:2"),
        override(21, at(23, "09"), "SEQUENCE:1"),
    ]

    readings = {repr(read(calendar(*order)).occurrences) for order in permutations(events)}

    assert len(readings) == 1
