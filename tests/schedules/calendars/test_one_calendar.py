"""Many small calendars become one, and none loses or changes an event in it (T-24)."""

import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.calendars import read_calendar
from schedules.calendars.one_calendar import one_calendar

HELSINKI = ZoneInfo("Europe/Helsinki")
WINDOW = (datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def kept(*components):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *components, "END:VCALENDAR", ""])


def event(uid, start="DTSTART:20270107T110000Z", *more):
    return "\r\n".join(
        [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20270101T000000Z",
            start,
            f"SUMMARY:{uid}",
            *more,
            "END:VEVENT",
        ]
    )


def zone(tzid, offset):
    return "\r\n".join([
        "BEGIN:VTIMEZONE", f"TZID:{tzid}", "BEGIN:STANDARD", "DTSTART:16010101T000000", f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE",
    ])  # fmt: skip


def lines(*resources):
    return one_calendar(resources).decode().split("\r\n")


def starts(*resources):
    reading = read_calendar(
        one_calendar(resources), source="address 1", zone=HELSINKI, window=WINDOW, language="fi", fill={}
    )
    assert [str(each) for each in reading.problems] == []
    return {each.title["fi"]: each.start.strftime("%H:%M") for each in reading.occurrences}


def test_of_no_calendar_comes_an_empty_one():
    assert lines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Vertti//One calendar//EN",
        "END:VCALENDAR",
        "",
    ]


def test_events_stand_side_by_side_with_their_overrides_and_alarms():
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT2H\r\nEND:VALARM"
    series = event("a", "DTSTART:20270107T110000Z", "RRULE:FREQ=WEEKLY;COUNT=2", alarm)
    moved = event("a", "DTSTART:20270114T120000Z", "RECURRENCE-ID:20270114T110000Z")

    whole = lines(kept(series, moved), kept(event("b")))

    assert "\r\n".join(whole[3:-2]) == f"{series}\r\n{moved}\r\n{event('b')}"


def test_tasks_and_journals_and_what_is_said_of_a_calendar_stay_out():
    task = event("t").replace("VEVENT", "VTODO")

    assert lines(kept("METHOD:REQUEST", "X-WR-CALNAME:Anna", task, event("a"))) == lines(kept(event("a")))


def test_lines_are_unfolded_whatever_they_end_with():
    folded = kept(event("a", "DTSTART:20270107T110000Z", "DESCRIPTION:pit\r\n kä \r\n\tteksti"))
    unfolded = kept(event("a", "DTSTART:20270107T110000Z", "DESCRIPTION:pitkä teksti"))

    assert lines(folded) == lines(unfolded)
    assert lines(folded.replace("\r\n", "\n")) == lines(unfolded)


def test_a_zone_that_is_defined_alike_stands_once():
    one = kept(zone("Kotiaika", "+0500"), event("a", "DTSTART;TZID=Kotiaika:20270107T130000"))
    other = kept(zone("Kotiaika", "+0500"), event("b", "DTSTART;TZID=Kotiaika:20270107T140000"))

    assert lines(one, other).count("TZID:Kotiaika") == 1
    assert starts(one, other) == {"a": "08:00", "b": "09:00"}


def test_zones_of_one_name_that_differ_do_not_poison_each_other():
    resources = [
        kept(zone("Customized Time Zone", f"+0{n}00"), event(str(n), f"DTSTART;TZID={quote}Customized Time Zone{quote}:20270107T130000"))
        for n, quote in ((1, ""), (5, '"'), (8, ""), (5, ""))
    ]  # fmt: skip

    assert starts(*resources) == {"1": "12:00", "5": "08:00", "8": "05:00"}
    assert starts(*reversed(resources)) == starts(*resources)
    assert [each for each in lines(*resources) if each.startswith("TZID:")] == [
        "TZID:Customized Time Zone", "TZID:Customized Time Zone (2)", "TZID:Customized Time Zone (3)",
    ]  # fmt: skip


def test_a_name_that_another_zone_was_given_is_not_given_again():
    resources = [
        kept(zone(tzid, offset), event(offset, f"DTSTART;TZID={tzid}:20270107T130000"))
        for tzid, offset in (("Aika (2)", "+0100"), ("Aika", "+0200"), ("Aika", "+0300"), ("Aika", "+0400"))
    ]

    assert starts(*resources) == {"+0100": "12:00", "+0200": "11:00", "+0300": "10:00", "+0400": "09:00"}


@pytest.mark.parametrize("tzid", ["Customized Time Zone", "Europe/Helsinki"])
def test_however_many_calendars_define_a_name_each_is_little_work(tzid):
    def resource(number):
        return kept(f"BEGIN:VTIMEZONE\r\nTZID:{tzid}\r\nX-NUMBER:{number}\r\nEND:VTIMEZONE")

    resources = [resource(number) for number in range(400)]
    one_calendar(resources[:2])  # the first time the names that all know are read
    called = []
    sys.setprofile(lambda _frame, happened, _argument: called.append(happened))
    try:
        one_calendar(resources)
    finally:
        sys.setprofile(None)

    assert len(called) < 400 * len(resources)


def test_every_time_of_an_event_goes_with_its_zone():
    here = kept(zone("Aika", "+0100"), event("x"))
    there = kept(
        zone("Aika", "+0500"),
        event("a", "DTSTART;TZID=Aika:20270107T130000", "DTEND;VALUE=DATE-TIME;TZID=Aika:20270107T140000",
              "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Aika:20270114T130000", "RDATE;TZID=Aika:20270301T130000"),
        event("a", "DTSTART;TZID=Aika:20270121T150000", "RECURRENCE-ID;TZID=Aika:20270121T130000", "DESCRIPTION:DTSTART;TZID=Aika:x"),
    )  # fmt: skip

    whole = lines(here, there)

    assert [each for each in whole if 'TZID="Aika (2)"' in each] == [
        'DTSTART;TZID="Aika (2)":20270107T130000', 'DTEND;VALUE=DATE-TIME;TZID="Aika (2)":20270107T140000',
        'EXDATE;TZID="Aika (2)":20270114T130000', 'RDATE;TZID="Aika (2)":20270301T130000',
        'DTSTART;TZID="Aika (2)":20270121T150000', 'RECURRENCE-ID;TZID="Aika (2)":20270121T130000',
    ]  # fmt: skip
    assert "DESCRIPTION:DTSTART;TZID=Aika:x" in whole


def test_a_name_that_the_whole_world_knows_keeps_its_meaning_however_it_is_defined():
    one = kept(zone("Europe/Helsinki", "+0200"), event("a", "DTSTART;TZID=Europe/Helsinki:20270107T130000"))
    other = kept(zone("Europe/Helsinki", "+0900"), event("b", "DTSTART;TZID=Europe/Helsinki:20270707T130000"))

    assert starts(one, other) == {"a": "11:00", "b": "10:00"}


def test_an_event_whose_end_is_missing_ends_with_its_calendar():
    broken = kept(event("a")).replace("END:VEVENT\r\n", "")

    data = one_calendar([broken, kept(event("b"))])
    reading = read_calendar(data, source="address 1", zone=HELSINKI, window=WINDOW, language="fi", fill={})

    assert data.decode().endswith(f"{event('b')}\r\nEND:VCALENDAR\r\n")
    assert data.count(b"END:VCALENDAR") == 1
    assert [each.uid for each in reading.occurrences] == ["a", "b"]
    assert "END:VEVENT is missing" in str(reading.problems[0])


@given(st.lists(st.text(alphabet="BEGIND:VCALRMTOZ\r\n ;=x", max_size=80), max_size=4))
def test_whatever_is_kept_no_good_event_beside_it_is_lost(nonsense):
    good = [kept(event(str(n))) for n in range(2)]

    whole = lines(good[0], *nonsense, good[1])

    assert whole[0] == "BEGIN:VCALENDAR"
    assert whole[-2:] == ["END:VCALENDAR", ""]
    assert whole.count("UID:0") == whole.count("UID:1") == 1
