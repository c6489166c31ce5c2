"""Dates as an iCalendar object: what a phone makes of it, as another program reads it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import vobject

from bot.actions.calendar_file import Style, calendar_file
from bot.core.occurrences import Occurrence
from bot.core.reminders import BOTH, DAY_BEFORE
from bot.store.calendar import Kept
from bot.store.feeds import Dated
from schedules.calendars import read_calendar
from tests.support import sample_house

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
START = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)  # a Thursday, 13 o'clock in Helsinki
HELSINKI = ZoneInfo("Europe/Helsinki")
HOUSE = replace(sample_house().house, public_url="https://vertti.example.org")
NAMED = Style("fi", named=True, choices={})
DISCREET = Style("fi", named=False, choices={})


def dated(number=7, *, sequence=0, changed=NOW, **values):
    it = Occurrence(
        **{
            "uid": "ryhma",
            "recurrence_id": "2026-11-26T13:00:00+02:00",
            "start": START,
            "end": values.get("start", START) + timedelta(hours=2),
            "series": "ryhma",
            "variant": "keskustelu",
            "title": {"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen"},
            "place": {"fi": "Esimerkkitalo, 2. kerros; ovi \\ B"},
            **values,
        }
    )
    return Dated(Kept(number, it), sequence, changed)


def written(*dates, style=NAMED, house=HOUSE):
    return calendar_file(dates, house, style, now=NOW)


def read(*dates, **how):
    """What another program makes of it."""
    return vobject.readOne(written(*dates, **how).decode())


def test_another_program_reads_what_is_written():
    calendar = read(dated(sequence=3))
    event = calendar.vevent

    assert calendar.validate(raiseException=True)
    assert calendar.version.value == "2.0"
    assert (event.uid.value, event.sequence.value, event.status.value) == (
        "7@vertti.example.org",
        "3",
        "CONFIRMED",
    )
    assert event.dtstamp.value == NOW
    assert event.dtstart.value == START
    assert event.dtend.value == START + timedelta(hours=2)
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["Europe/Helsinki"]
    assert event.summary.value == "Yksinäisyysryhmä"
    assert event.location.value == "Esimerkkitalo, 2. kerros; ovi \\ B"
    assert event.description.value == "Keskustelukerta"


def test_a_discreet_title_tells_a_stranger_nothing():
    text = written(dated(), style=DISCREET).decode()

    assert vobject.readOne(text).vevent.summary.value == "Tapaaminen"
    assert "ksin" not in text
    assert "LOCATION" not in text
    assert "eskustelu" not in text


def test_what_is_cancelled_says_so_and_does_not_ring():
    event = read(dated(status="cancelled")).vevent

    assert event.status.value == "CANCELLED"
    assert event.summary.value == "PERUTTU: Yksinäisyysryhmä"
    assert not hasattr(event, "valarm")


def test_what_may_not_happen_says_so_and_does_not_ring():
    event = read(dated(status="tentative")).vevent

    assert event.status.value == "TENTATIVE"
    assert event.summary.value == "Ehkä: Yksinäisyysryhmä"
    assert not hasattr(event, "valarm")


def test_what_lasts_all_day_has_days():
    first = datetime(2027, 4, 18, 21, 0, tzinfo=UTC)  # midnight in Helsinki
    week = dated(start=first, end=first + timedelta(days=5), all_day=True, recurrence_id=None)
    event = read(week).vevent

    assert (event.dtstart.value, event.dtend.value) == (date(2027, 4, 19), date(2027, 4, 24))
    assert b"VTIMEZONE" not in written(week)


def test_an_hour_stays_on_the_wall_clock_over_summer_time():
    dates = [dated(each, start=START + timedelta(weeks=each)) for each in range(15)]
    summer = dated(20, start=datetime(2027, 4, 1, 10, 0, tzinfo=UTC))
    events = read(*dates, summer).vevent_list

    assert {each.dtstart.value.astimezone(HELSINKI).hour for each in events} == {13}
    assert events[-1].dtstart.value == datetime(2027, 4, 1, 10, 0, tzinfo=UTC)


def test_the_phone_rings_when_its_owner_wants_to_be_reminded():
    def triggers(choices):
        style = Style("fi", named=True, choices=choices)
        return [each.trigger.value for each in getattr(read(dated(), style=style).vevent, "valarm_list", [])]

    assert triggers({"ryhma": BOTH}) == [timedelta(days=-1), timedelta(hours=-2)]
    assert triggers({"ryhma": DAY_BEFORE}) == [timedelta(days=-1)]
    assert triggers({}) == [timedelta(hours=-2)]


def test_the_phone_does_not_ring_in_quiet_hours():
    early = dated(
        start=datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
    )  # 9.30 in Helsinki: two hours before is 7.30
    trigger = read(early).vevent.valarm.trigger.value
    rings = (early.kept.it.start + trigger).astimezone(HELSINKI)

    assert 9 <= rings.hour < 20


def test_titles_come_in_the_readers_language():
    swedish = replace(NAMED, language="sv")

    assert read(dated(), style=swedish).vevent.summary.value == "Ensamhetsgruppen"
    assert read(dated(status="cancelled"), style=swedish).vevent.summary.value.startswith("INSTÄLLD")


def test_the_same_dates_give_the_same_bytes_whenever_they_are_asked_for():
    later = NOW + timedelta(days=3)

    assert calendar_file([dated()], HOUSE, NAMED, now=NOW) == calendar_file(
        [dated()], HOUSE, NAMED, now=later
    )


def test_lines_are_folded_and_end_as_the_standard_wants():
    name = "Hyvin pitkä nimi ääkkösillä, " * 8 + "loppu"
    text = written(dated(title={"fi": name}))

    assert text.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert all(line.decode() for line in text.split(b"\r\n")[:-1])  # no letter is cut in two
    assert vobject.readOne(text.decode()).vevent.summary.value == name
    assert icalendar.Calendar.from_ical(text).events[0]["SUMMARY"] == name


def test_a_title_cannot_smuggle_in_lines_of_its_own():
    event = read(dated(title={"fi": "Kahvit\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT"})).vevent

    assert not hasattr(event, "attendee")
    assert "ATTENDEE" in event.summary.value


def test_a_calendar_of_nothing_is_one_all_the_same():
    calendar = read()

    assert calendar.validate(raiseException=True)
    assert [each.name for each in calendar.components()] == ["VTIMEZONE"]
    assert not hasattr(calendar, "vevent")


def test_what_has_no_length_has_no_end():
    event = read(dated(end=START)).vevent

    assert event.dtstart.value == START
    assert not hasattr(event, "dtend")


def test_no_two_houses_give_one_uid_to_their_dates():
    another = replace(HOUSE, public_url="https://vertti.example.com:8080")

    assert read(dated()).vevent.uid.value == "7@vertti.example.org"
    assert read(dated(), house=another).vevent.uid.value == "7@vertti.example.com"


def test_our_own_reader_reads_it_back():
    dates = [dated(each, start=START + timedelta(weeks=each)) for each in range(30)]
    reading = read_calendar(
        written(*dates),
        source="own.ics",
        zone=HELSINKI,
        window=(NOW, NOW + timedelta(days=400)),
        language="fi",
        fill={},
    )

    assert reading.problems == ()
    assert [(each.start, each.end) for each in reading.occurrences] == [
        (each.kept.it.start, each.kept.it.end) for each in dates
    ]


def test_two_other_programs_read_the_same_of_three_years():
    """Each counts by the zone that the calendar defines, over six changes of the clock."""
    dates = [
        dated(each, start=datetime(2026, 1, 8, 11, 30, tzinfo=UTC) + each * timedelta(days=13, hours=5))
        for each in range(80)
    ]
    text = written(*dates).decode()
    planned = [(each.kept.it.start, each.kept.it.end) for each in dates]

    assert [(each.dtstart.value, each.dtend.value) for each in vobject.readOne(text).vevent_list] == planned
    assert [(each.start, each.end) for each in icalendar.Calendar.from_ical(text).events] == planned


def test_everything_that_could_end_a_line_or_a_value_is_escaped():
    name = 'Kahvit; tee, "mehu" \\ vesi: 50 %'
    text = written(dated(title={"fi": name}))

    assert b'SUMMARY:Kahvit\\; tee\\, "mehu" \\\\ vesi: 50 %\r\n' in text
    assert icalendar.Calendar.from_ical(text).events[0]["SUMMARY"] == name


def test_a_discreet_alarm_says_no_more_than_its_title():
    text = written(dated(), style=DISCREET).decode()

    assert vobject.readOne(text).vevent.valarm.description.value == "Tapaaminen"
