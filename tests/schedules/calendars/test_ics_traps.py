"""What calendar programs really write (DOMAIN.md, I)."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from tests.schedules.calendars.test_ics import ONCE, WEEKLY, calendar, only, read, starts

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


def told(reading):
    return [each.fault().what for each in reading.problems]


def once(*lines, hours="20270610T130000"):
    """Give an event that begins at one in the afternoon, Helsinki time."""
    return "\n".join(["UID:a", f"DTSTART;TZID=Europe/Helsinki:{hours}", *lines])


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


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("tzone://Microsoft/Utc", 13),
        ('"tzone://Microsoft/Utc"', 13),
        ("UTC", 13),
        ("Z", 13),
        ("UTC+02", 11),
        ("GMT-0330", 16),
        ("(UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius", 10),
        ('"(GMT+01.00) Sarajevo/Warsaw/Zagreb, Rom, Stockholm, Wien"', 11),
        ("W. Europe Standard Time", 11),
        ("GTB Standard Time", 10),
    ],
)
def test_zones_in_the_words_of_microsoft_are_known(zone, hour):
    assert only(f"UID:a\nDTSTART;TZID={zone}:20270610T130000").start.hour == hour


def test_a_well_known_zone_means_what_everybody_means_by_it():
    data = calendar(IN_CUSTOM_ZONE, top=CUSTOM_ZONE.format("+0500")).replace(
        b"Customized Time Zone", b"Europe/Helsinki"
    )

    assert read(data).occurrences[0].start == datetime(2027, 3, 10, 11, tzinfo=UTC)


def test_each_calendar_of_one_file_has_its_own_zones():
    parts = [
        calendar(f"UID:{hours}\n{IN_CUSTOM_ZONE}", top=CUSTOM_ZONE.format(f"+0{hours}00")) for hours in (5, 2)
    ]

    reading = read(b"".join(parts))

    assert [(each.uid, each.start.hour) for each in reading.occurrences] == [("5", 8), ("2", 11)]


def test_a_defined_zone_turns_its_clocks():
    zone = (
        CUSTOM_ZONE.format("+0200")
        .replace("TZOFFSETFROM:+0200", "TZOFFSETFROM:+0300")
        .replace("16010101T000000", "16011028T040000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10")
    )
    summer = (
        "BEGIN:DAYLIGHT\nDTSTART:16010325T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n"
        "TZOFFSETFROM:+0200\nTZOFFSETTO:+0300\nEND:DAYLIGHT\nEND:VTIMEZONE"
    )
    nights = "UID:a\nDTSTART;TZID=Customized Time Zone:20270327T043000\nRRULE:FREQ=DAILY;COUNT=3"
    same = nights.replace("Customized Time Zone", "Europe/Helsinki")

    reading = read(calendar(nights, top=zone.replace("END:VTIMEZONE", summer)))

    assert reading == read(calendar(same))


@pytest.mark.parametrize(
    "zone",
    [
        "Western/Central Europe",
        "Customized Time Zone",
        "localtime",
        "Europe",
        "(UTC-05:00) Eastern Time",
        "UTC+99",
        "7",
    ],
)
def test_an_unknown_zone_is_ours_and_told(zone):
    reading = read(calendar(f"UID:a\nDTSTART;TZID={zone}:20270610T130000"))

    assert starts(reading) == ["10.06. 13.00"]
    assert [str(each) for each in reading.problems] == [
        f"line 5: a: its time zone '{zone}' is unknown. Give it one; until then it is taken as Europe/Helsinki."
    ]


def test_a_zone_with_an_endless_name_is_unknown_and_told_in_short():
    (problem,) = read(calendar(f"UID:a\nDTSTART;TZID={'a/' * 1000}b:20270610T130000")).problems

    assert len(problem.fault().what) < 200


def test_a_time_zone_that_cannot_be_read_is_told():
    reading = read(calendar(ONCE, top=CUSTOM_ZONE.format("sometimes")))

    assert (starts(reading), told(reading)) == (["10.03. 13.00"], ["a time zone cannot be read (ValueError)"])


def test_floating_times_go_by_the_calendar_s_zone():
    assert only("UID:a\nDTSTART:20270310T130000", top="X-WR-TIMEZONE:Europe/Stockholm").start.hour == 12


@pytest.mark.parametrize("top", ["", "X-WR-TIMEZONE:Nowhere", "X-WR-TIMEZONE:Europe"])
def test_floating_times_of_a_calendar_without_a_zone_are_ours_and_told(top):
    reading = read(calendar("UID:a\nDTSTART:20270310T130000\nEXDATE:20270311T130000", top=top))

    assert (starts(reading), told(reading)) == (["10.03. 13.00"], ["a: its hour names no time zone"])


def test_an_endless_uid_is_replaced_by_a_short_one_that_stays():
    first, again = (read(calendar(ONCE.replace("UID:b", f"UID:{'b' * 4000}"))) for _ in range(2))

    assert first == again
    assert len(first.occurrences[0].uid) < 100


def test_an_endless_text_is_cut():
    event = only(
        ONCE.replace("Kerran", "a" * 10_000) + f"\nLOCATION:{'b' * 10_000}\nCATEGORIES:{'c' * 10_000}"
    )

    assert {len(event.title["fi"]), len(event.place["fi"]), len(event.series)} == {500}


def test_nobody_s_name_or_address_is_read():
    people = [
        "ATTENDEE;CN=Matti;RSVP=TRUE:mailto:matti@esimerkki.invalid",
        "ORGANIZER;CN=Matti:mailto:matti@esimerkki.invalid",
        "CONTACT:Matti",
        "COMMENT:Matti",
        "DESCRIPTION:Matti",
        "X-ALT-DESC;FMTTYPE=text/html:<p>Matti",
        "BEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT1H\nATTENDEE:mailto:matti@esimerkki.invalid\nEND:VALARM",
    ]

    assert "matti" not in repr(read(calendar("\n".join([ONCE, *people])))).lower()


@pytest.mark.parametrize("uid", ["a", "a\\,b", " a "])
def test_a_fault_in_a_date_of_a_private_series_does_not_name_its_title(uid):
    series = WEEKLY.replace("UID:a", f"UID:{uid}") + "\nCLASS:PRIVATE"
    moved = f"UID:{uid}\nRECURRENCE-ID:20270114T110000Z\nDTSTART:someday\nSUMMARY:Salaisuus"

    assert "Salaisuus" not in str(read(calendar(series, moved)).problems)


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


def test_an_empty_title_is_no_title():
    assert only(ONCE.replace("Kerran", "")).title == {}


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

    assert [(each.line, each.fault().what) for each in reading.problems] == [
        (9, "'Kerran' (b): its alarm makes no sense")
    ]
    assert [each.leads for each in reading.occurrences] == [None]


def test_an_event_without_its_beginning_is_told_and_not_taken_for_gone():
    reading = read(calendar(WEEKLY, ONCE).replace(b"BEGIN:VEVENT", b"BEGIN-VEVENT", 1))

    assert told(reading) == ["a: its BEGIN:VEVENT is missing"]
    assert (len(reading.occurrences), reading.unread) == (1, ("a",))


def test_an_event_without_its_end_is_told_and_kept():
    reading = read(calendar(ONCE, WEEKLY).replace(b"END:VEVENT\r\n", b"", 1))

    assert (len(reading.occurrences), told(reading)) == (5, ["'Kerran' (b): its END:VEVENT is missing"])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n\r\n"])
def test_other_line_ends_are_read(end):
    assert len(read(calendar(WEEKLY, end=end)).occurrences) == 4
