import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.occurrences import Occurrence
from schedules.calendars import as_json, read_calendar
from schedules.calendars import ics as reader
from schedules.calendars.ics import read_ics

DATA = Path(__file__).parents[2] / "data"
SAMPLE = (DATA / "schedule.ics").read_bytes()
EXPECTED = json.loads((DATA / "expected_schedule.json").read_text(encoding="utf-8"))

HELSINKI = ZoneInfo("Europe/Helsinki")
WINDOW = (datetime(2026, 10, 31, 22, tzinfo=UTC), datetime(2027, 12, 31, 22, tzinfo=UTC))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

WEEKLY = """\
UID:a
DTSTART;TZID=Europe/Helsinki:20270107T130000
DTEND;TZID=Europe/Helsinki:20270107T150000
SUMMARY:Ryhmä
RRULE:FREQ=WEEKLY;COUNT=4"""
ONCE = """\
UID:b
DTSTART;TZID=Europe/Helsinki:20270310T130000
DTEND;TZID=Europe/Helsinki:20270310T140000
SUMMARY:Kerran"""


def calendar(*events, top="", end="\r\n"):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *top.splitlines()]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.splitlines(), "END:VEVENT"]
    return end.join([*lines, "END:VCALENDAR", ""]).encode()


def read(data, language="fi"):
    return read_ics(data, source="a.ics", zone=HELSINKI, window=WINDOW, language=language)


def only(*events, top=""):
    reading = read(calendar(*events, top=top))

    assert reading.problems == ()
    (occurrence,) = reading.occurrences
    return occurrence


def starts(reading):
    return [each.start.astimezone(HELSINKI).strftime("%d.%m. %H.%M") for each in reading.occurrences]


def state(row):
    if row["status"] == "cancelled":
        return "cancelled"
    if row["all_day"]:
        return "allday"
    return "moved" if row["recurrence_id"] not in (None, row["start"]) else "ok"


def test_the_sample_calendar_is_what_the_oracle_says():
    reading = read(SAMPLE)

    rows = as_json(reading, HELSINKI)["occurrences"]

    assert reading.problems == ()
    assert [
        [row["uid"].split("@")[0], row["start"][:16], row["end"][:16], state(row)] for row in rows
    ] == EXPECTED


def test_a_moved_date_says_what_it_was_and_keeps_what_its_series_is():
    (moved,) = (row for row in as_json(read(SAMPLE), HELSINKI)["occurrences"] if state(row) == "moved")

    assert moved == {
        "uid": "ryhma-toiminta@esimerkki.invalid",
        "recurrence_id": "2027-04-08T13:00:00+03:00",
        "series": "ryhma",
        "title": "Yksinäisyysryhmä: toimintakerta (aika muuttui)",
        "start": "2027-04-09T10:00:00+03:00",
        "end": "2027-04-09T12:00:00+03:00",
        "all_day": False,
        "status": "confirmed",
        "variant": "toiminta",
        "place": None,
    }


def test_the_sample_s_private_series_is_for_staff_and_its_newsletter_is_a_broadcast():
    found = {each.uid.split("@")[0]: (each.visibility, each.kind) for each in read(SAMPLE).occurrences}

    assert [found[uid] for uid in ("ryhma-toiminta", "vuosikertomus", "uutiskirje-2027-03-01")] == [
        ("public", "event"),
        ("staff", "event"),
        ("public", "broadcast"),
    ]


def test_one_event_gives_one_occurrence_with_all_that_it_says():
    event = only(
        "UID:b@x\nDTSTART;TZID=Europe/Helsinki:20270310T130000\nDTEND;TZID=Europe/Helsinki:20270310T140000\n"
        "SUMMARY;LANGUAGE=fi:Apua\\, rahaa\u202e!\nSUMMARY;LANGUAGE=sv-FI:Hjälp\nLOCATION:Talo\\nKatu 1\n"
        "CATEGORIES:tietoisku,velka\nSTATUS:TENTATIVE\nORGANIZER;CN=Maija:mailto:maija@esimerkki.invalid\n"
        "ATTENDEE:mailto:matti@esimerkki.invalid\nDESCRIPTION:Soita Matille"
    )

    assert event == Occurrence(
        uid="b@x",
        recurrence_id=None,
        start=datetime(2027, 3, 10, 11, tzinfo=UTC),
        end=datetime(2027, 3, 10, 12, tzinfo=UTC),
        status="tentative",
        series="tietoisku",
        variant="velka",
        title={"fi": "Apua, rahaa!", "sv": "Hjälp"},
        place={"fi": "Talo Katu 1"},
    )


def test_a_date_of_a_series_is_known_by_its_original_start():
    reading = read(calendar(WEEKLY.replace("20270107", "20270318")))

    assert [each.recurrence_id for each in reading.occurrences] == [
        "2027-03-18T13:00:00+02:00",
        "2027-03-25T13:00:00+02:00",
        "2027-04-01T13:00:00+03:00",
        "2027-04-08T13:00:00+03:00",
    ]


def test_a_whole_day_begins_at_our_midnight_and_is_known_by_its_date():
    reading = read(calendar("UID:a\nDTSTART;VALUE=DATE:20270419\nRRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:A"))

    assert [(each.all_day, each.recurrence_id, each.start, each.end) for each in reading.occurrences] == [
        (True, "2027-04-19", datetime(2027, 4, 18, 21, tzinfo=UTC), datetime(2027, 4, 19, 21, tzinfo=UTC))
    ]


def test_a_whole_day_is_listed_from_its_first_hour_here():
    midnight = datetime(2027, 4, 18, 21, tzinfo=UTC)  # the 19th begins, here
    days = [f"UID:{day}\nDTSTART;VALUE=DATE:202704{day}\nSUMMARY:{day}" for day in (18, 19, 20)]

    reading = read_ics(
        calendar(*days), source="a.ics", zone=HELSINKI, window=(midnight, midnight + HOUR), language="fi"
    )

    assert [each.uid for each in reading.occurrences] == ["19"]


def test_alarms_are_the_event_s_own_leads():
    alarms = "".join(
        f"\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER{trigger}\nEND:VALARM"
        for trigger in (
            ":-PT2H",
            ";RELATED=START:-P1D",
            ":-P0DT0H30M0S",
            ":-PT2H",
            ";RELATED=END:-PT5M",
            ";VALUE=DATE-TIME:20270310T080000Z",
            ":PT15M",
            ":-PT0S",
        )
    )

    assert only(ONCE + alarms).leads == (DAY, 2 * HOUR, HOUR / 2)


def test_without_an_alarm_that_says_one_the_default_leads_hold():
    after_the_start = "\nBEGIN:VALARM\nTRIGGER:PT15M\nEND:VALARM"

    assert [only(ONCE).leads, only(ONCE + after_the_start).leads] == [None, None]


def test_an_override_keeps_the_alarms_of_its_series_unless_it_has_its_own():
    alarm = "\nBEGIN:VALARM\nTRIGGER:{}\nEND:VALARM"
    override = "UID:a\nRECURRENCE-ID;TZID=Europe/Helsinki:202701{0}T130000\nDTSTART;TZID=Europe/Helsinki:202701{0}T140000"

    reading = read(
        calendar(
            WEEKLY + alarm.format("-PT1H"),
            override.format("14"),
            override.format("21") + alarm.format("-P1D"),
        )
    )

    assert [each.leads for each in reading.occurrences] == [(HOUR,), (HOUR,), (DAY,), (HOUR,)]


@pytest.mark.parametrize("said", ["PRIVATE", "CONFIDENTIAL", "X-SECRET"])
def test_what_is_not_public_is_for_staff(said):
    assert only(f"{ONCE}\nCLASS:{said}").visibility == "staff"


def test_a_date_of_a_private_series_stays_private_even_when_the_series_is_broken():
    override = "UID:a\nRECURRENCE-ID;TZID=Europe/Helsinki:20270114T130000\nDTSTART;TZID=Europe/Helsinki:20270115T130000"

    reading = read(calendar(f"{WEEKLY}\nCLASS:PRIVATE\nRDATE:soon", override))

    assert [each.visibility for each in reading.occurrences] == ["staff"]


def test_a_private_date_does_not_hide_its_series():
    override = "UID:a\nRECURRENCE-ID;TZID=Europe/Helsinki:20270114T130000\nDTSTART;TZID=Europe/Helsinki:20270115T130000\nCLASS:PRIVATE"

    reading = read(calendar(WEEKLY, override))

    assert [each.visibility for each in reading.occurrences] == ["public", "staff", "public", "public"]


@pytest.mark.parametrize(
    ("wrong", "right", "line", "told"),
    [
        (
            "DTSTART;TZID=Europe/Helsinki:20270107T130000\n",
            "",
            9,
            "it has no start (DTSTART). Give it a day and an hour.",
        ),
        (
            "DTSTART;TZID=Europe/Helsinki:20270107",
            "DTSTART:20271307",
            11,
            "its DTSTART makes no sense. Set it anew in the calendar.",
        ),
        (
            "DTEND;TZID=Europe/Helsinki:20270107",
            "DTEND:20270132",
            12,
            "its DTEND makes no sense. Set it anew in the calendar.",
        ),
        ("FREQ=WEEKLY", "FREQ=WEEKYL", 14, "its RRULE makes no sense. Set it anew in the calendar."),
        (
            "COUNT=4",
            "UNTL=20270201",
            14,
            "its rule has the unknown part UNTL. Let it repeat by the day, week, month or year.",
        ),
        (
            "FREQ=WEEKLY",
            "FREQ=SECONDLY",
            14,
            "it repeats SECONDLY. Let it repeat by the day, week, month or year.",
        ),
        (
            "FREQ=WEEKLY",
            "FREQ=MINUTELY",
            14,
            "it repeats MINUTELY. Let it repeat by the day, week, month or year.",
        ),
        (
            "FREQ=WEEKLY;",
            "",
            14,
            "it repeats in no way that it says. Let it repeat by the day, week, month or year.",
        ),
        ("20270107T130000", "00010107T130000", 11, "it repeats from the year 1. Let it begin later."),
    ],
)
def test_a_broken_event_is_named_with_its_line_and_its_mend_and_all_others_are_kept(wrong, right, line, told):
    broken = WEEKLY.replace(wrong, right)
    reading = read(calendar(ONCE, broken, ONCE.replace("UID:b", "UID:c")))

    assert [str(each) for each in reading.problems] == [f"line {line}: 'Ryhmä' (a): {told}"]
    assert [each.uid for each in reading.occurrences] == ["b", "c"]


def test_a_private_event_that_is_broken_is_not_named_by_its_title():
    reading = read(calendar(f"{WEEKLY}\nCLASS:PRIVATE\nRDATE:soon"))

    assert [each.fault().what for each in reading.problems] == ["a: its RDATE makes no sense"]


def test_what_the_library_cannot_expand_is_named_and_all_others_are_kept():
    reading = read(calendar(WEEKLY.replace("WEEKLY", "MONTHLY;BYHOUR=25"), ONCE))

    assert [str(each) for each in reading.problems] == [
        "line 3: 'Ryhmä' (a): its dates cannot be told (BadRuleStringFormat). Write it anew in the calendar."
    ]
    assert [each.uid for each in reading.occurrences] == ["b"]


def test_what_has_repeated_often_since_long_is_named_and_all_others_are_kept():
    often = WEEKLY.replace("WEEKLY;COUNT=4", "DAILY;BYHOUR=8,9,10,11,12,13,14,15,16,17").replace(
        "20270107", "19700101"
    )

    reading = read(calendar(often, ONCE))

    assert [str(each) for each in reading.problems] == [
        "line 8: 'Ryhmä' (a): it has repeated too often since the year 1970. Let it begin later."
    ]
    assert [each.uid for each in reading.occurrences] == ["b"]


@pytest.mark.parametrize("data", [b"", b"<!doctype html><title>Kirjaudu</title>", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_said_to_be_none(data):
    reading = read(data)

    assert reading.occurrences == ()
    assert reading.problems[0].fault().what == "this is not a calendar"


def test_letters_that_are_not_utf_8_are_told_and_read_as_what_they_mostly_are():
    reading = read(calendar(WEEKLY, ONCE).decode().encode("latin-1"))

    assert [each.title for each in reading.occurrences] == [{"fi": "Ryhmä"}] * 4 + [{"fi": "Kerran"}]
    assert [each.fault().what for each in reading.problems] == ["some letters are not UTF-8"]


def test_a_calendar_that_is_too_large_is_not_read():
    reading = read(b" " * (reader.MAX_BYTES + 1))

    assert [each.fault().what for each in reading.problems] == ["the calendar is larger than 10 MiB"]


def test_of_too_many_events_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(reader, "MAX_EVENTS", 1)

    reading = read(calendar(ONCE, WEEKLY))

    assert [each.uid for each in reading.occurrences] == ["b"]
    assert [str(each) for each in reading.problems] == [
        "line 9: the calendar has more than 1 events; the rest is left out. Use a calendar of its own for the groups."
    ]


def test_of_too_many_dates_the_rest_is_told(monkeypatch):
    monkeypatch.setattr(reader, "MAX_DATES", 4)

    reading = read(calendar(WEEKLY, ONCE))

    assert {each.uid for each in reading.occurrences} == {"a"}
    assert [str(each) for each in reading.problems] == [
        "line 10: the calendar has more than 4 dates; the rest is left out. Use a calendar of its own for the groups."
    ]


def test_of_too_many_faults_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr(reader, "MAX_PROBLEMS", 2)

    reading = read(calendar(*["UID:a"] * 5))

    assert [str(each) for each in reading.problems] == [
        "line 3: a: it has no start (DTSTART). Give it a day and an hour.",
        "line 6: a: it has no start (DTSTART). Give it a day and an hour.",
        "3 more faults are not listed. Mend these first.",
    ]


def test_what_is_over_or_far_ahead_is_not_even_read():
    over, ahead = (
        f"UID:{year}\nDTSTART:{year}0310T100000Z\nDTEND:{year}0310T110000Z\nBEGIN:VALARM\nTRIGGER:soon\nEND:VALARM"
        for year in (2020, 2035)
    )
    ended = f"{over.replace('2020', '2021')}\nRRULE:FREQ=WEEKLY;UNTIL=20260901T000000Z"

    assert read(calendar(over, ahead, ended, ONCE)) == read(calendar(ONCE))


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:20200310T100000Z\nDTEND:20270201T100000Z",
        "DTSTART;VALUE=DATE:20200310\nDURATION:P2500D",
        "DTSTART:20200310T100000Z\nRDATE:20270310T100000Z",
        "DTSTART:20200102T100000Z\nDTEND:20200402T100000Z\nRRULE:FREQ=YEARLY;UNTIL=20260102T100000Z\nRRULE:FREQ=DAILY",
        "DTSTART;VALUE=DATE:20260901\nDTEND;VALUE=DATE:20261101\nRRULE:FREQ=MONTHLY;UNTIL=20260930",
    ],
)
def test_what_began_long_ago_may_still_go_on(lines):
    window = (datetime(2026, 10, 15, tzinfo=UTC), WINDOW[1])

    reading = read_ics(
        calendar(f"UID:a\n{lines}"), source="a.ics", zone=HELSINKI, window=window, language="fi"
    )

    assert reading.occurrences


def test_an_address_is_read_by_how_it_begins():
    reading = read_calendar(
        calendar(ONCE), source="calendar 2", zone=HELSINKI, window=WINDOW, language="fi", fill={}
    )

    assert [each.uid for each in reading.occurrences] == ["b"]


def test_a_file_of_another_kind_is_refused():
    reading = read_calendar(b"a;b", source="a.csv", zone=HELSINKI, window=WINDOW, language="fi", fill={})

    assert [str(each) for each in reading.problems] == [
        "this is neither .ics nor .yaml. Check the name or address."
    ]
