import re
from pathlib import Path

import pytest

from schedules.calendars.content_lines import Headless, Line, ZoneBlock, cut, unfolded

CALENDARS = sorted((Path(__file__).parents[2] / "data/calendars").glob("*.ics"))


def cut_up(text, most=100):
    return cut(text.encode(), most=most)


def events(layout):
    return [event for calendar in layout.calendars for event in calendar.events]


def test_folded_lines_are_joined_and_keep_the_number_of_their_first_piece():
    lines = list(unfolded("SUMMARY:Ryh\r\n mä\r\n\r\nUID:a\r\n".encode()))

    assert lines == [(1, "SUMMARY:Ryhmä".encode()), (4, b"UID:a")]


def test_a_fold_may_stand_inside_a_letter():
    whole = "SUMMARY:Ryhmä".encode()

    assert list(unfolded(whole[:-1] + b"\r\n " + whole[-1:])) == [(1, whole)]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\r\n"])
def test_every_kind_of_line_end_is_read_and_a_fold_with_it(end):
    lines = list(unfolded(f"A:1{end}B:2{end} and more{end}C:3{end}".encode()))

    assert [text for _, text in lines] == [b"A:1", b"B:2and more", b"C:3"]


def test_a_stray_carriage_return_ends_no_line():
    assert list(unfolded(b"SUMMARY:a\rb\r\nUID:a\r\n")) == [(1, b"SUMMARY:ab"), (2, b"UID:a")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(encoding):
    assert list(unfolded("BEGIN:VCALENDAR".encode(encoding))) == [(1, b"BEGIN:VCALENDAR")]


@pytest.mark.parametrize(
    ("rest", "value", "zone"),
    [
        (":20270310T130000", "20270310T130000", ""),
        (";TZID=Europe/Helsinki:x", "x", "Europe/Helsinki"),
        (';tzid="a:b;c";VALUE=DATE:x', "x", "a:b;c"),
        (';TZID="a:b', "b", "a"),
        (": a:b ", "a:b", ""),
    ],
)
def test_a_line_has_parameters_and_a_value(rest, value, zone):
    line = Line(1, "DTSTART", rest)

    assert (line.value, line.parameter("TZID")) == (value, zone)


def test_an_event_is_set_apart_from_its_alarms_and_what_is_not_read_is_dropped():
    layout = cut_up(
        "BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Helsinki\nMETHOD:publish\nBEGIN:VEVENT\nUID:a\nBEGIN:VALARM\n"
        "TRIGGER:-PT2H\nUID:alarm\nEND:VALARM\nsummary:A\nATTENDEE:mailto:matti@esimerkki.invalid\nEND:VEVENT\n"
        "BEGIN:VTODO\nUID:todo\nEND:VTODO\nEND:VCALENDAR\n"
    )

    ((event,), (calendar,)) = events(layout), layout.calendars
    assert (layout.is_calendar, calendar.zone_name, calendar.method) == (True, "Europe/Helsinki", "PUBLISH")
    assert (event.line, event.complete) == (4, True)
    assert event.lines == {"UID": [Line(5, "UID", ":a")], "SUMMARY": [Line(10, "SUMMARY", ":A")]}
    assert event.triggers == [Line(7, "TRIGGER", ":-PT2H")]


def test_a_line_that_is_no_property_is_known_by_its_number():
    (event,) = events(cut_up("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nand so on\nEND:VEVENT\n"))

    assert event.nonsense == [4]


def test_an_event_that_never_ends_ends_where_the_next_begins():
    layout = cut_up(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nBEGIN:VEVENT\nUID:b\nEND:VEVENT\nBEGIN:VEVENT\nUID:c\n"
        "END:VCALENDAR\nBEGIN:VEVENT\nUID:d"
    )

    assert [(event.value("UID"), event.complete) for event in events(layout)] == [
        ("a", False),
        ("b", True),
        ("c", False),
        ("d", False),
    ]


@pytest.mark.parametrize("blank", [b"\t", b" ", b" \t"])
@pytest.mark.parametrize("line", [rb"BEGIN:", rb"END:", rb"(?:DTSTART|DTEND)[;:].*:?\d{8}", rb"RRULE:FREQ="])
def test_a_line_that_somebody_has_indented_is_no_piece_of_the_one_above(line, blank):
    for path in CALENDARS:
        data = path.read_bytes()
        if path.stem != "exchange_stray_quotes":  # what stands in open quotes is told to be odd
            indented = re.sub(rb"(?m)^(?=" + line + rb")", blank, data)

            assert cut(indented, most=100) == cut(data, most=100), path.stem


def test_an_event_without_its_first_line_is_known_by_a_line_and_its_uid():
    lost = "BEGIN-VEVENT\nUID:{}\nDTSTART:20261126T130000\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n"
    layout = cut_up(
        "BEGIN:VCALENDAR\nUID:all\n"
        + lost.format("a")
        + "BEGIN:VEVENT\nUID:b\nEND:VEVENT\n"
        + lost.format("c")
    )

    assert layout.headless == [Headless(5, "a"), Headless(14, "c")]


def test_what_belongs_to_a_task_or_the_calendar_is_no_event_without_its_first_line():
    layout = cut_up(
        "BEGIN:VCALENDAR\nUID:all\nBEGIN:VTODO\nUID:a\nDTSTART:20261126\nEND:VTODO\nEND:VEVENT\nEND:VCALENDAR\n"
    )

    assert layout.headless == []


def test_events_over_the_limit_are_left_out_and_the_first_of_them_is_known():
    layout = cut_up("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 4, most=2)

    assert (len(events(layout)), layout.left_out) == (2, 6)


def test_each_calendar_of_a_file_has_its_own_time_zones():
    zone = "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nTZOFFSETTO:+0{}00\nEND:STANDARD\nEND:VTIMEZONE\n"
    layout = cut_up(
        "".join(
            f"BEGIN:VCALENDAR\n{zone.format(hours)}BEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n"
            for hours in (2, 5)
        )
    )

    assert [(calendar.zones, len(calendar.events)) for calendar in layout.calendars] == [
        ([ZoneBlock(2 + first, "X", "\r\n".join(zone.format(hours).splitlines()))], 1)
        for first, hours in ((0, 2), (10, 5))
    ]


def test_a_page_is_no_calendar():
    layout = cut_up("<!doctype html>\n<title>Log in</title>")

    assert (layout.is_calendar, events(layout)) == (False, [])


def test_letters_that_are_not_utf_8_are_read_as_what_they_mostly_are():
    layout = cut("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Ryhmä – á\nEND:VEVENT".encode("cp1252"), most=1)

    assert (events(layout)[0].value("SUMMARY"), layout.is_utf8) == ("Ryhmä – á", False)
