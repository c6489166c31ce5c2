"""All calendars together, as `vertti schedule` and `vertti check` read them."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.errors import Fault
from bot.furnishing import furnish
from bot.settings import Settings
from schedules.calendars.whole import read_one, read_whole

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
WINDOW = (NOW, NOW + timedelta(days=60))

SCHEDULE = """\
series:
- id: kavely
  name: {fi: Kävelyryhmä, sv: Promenad}
  from: {title: Kävely}
  visibility: members
  reminders: [PT3H]
  variants: {metsa: Metsä, kaupunki: Kaupunki}
  alternate: [metsa, kaupunki]
  alternate_from: 2026-11-03
- id: kahvit
  name: Kahvit
  dates: [2026-12-08]
  time: "13:00"
"""


def ics(*events):
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{lines}END:VEVENT\r\n"
        for uid, lines in events
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\n{body}END:VCALENDAR\r\n"


WALKS = ics(
    (
        "u1",
        "DTSTART;TZID=Europe/Helsinki:20261103T120000\r\nRRULE:FREQ=WEEKLY;COUNT=8\r\nEXDATE;TZID=Europe/Helsinki:20261110T120000\r\nSUMMARY:Kävely\r\n",
    ),
    ("u2", "DTSTART:20261202T100000Z\r\nSUMMARY:Kokous\r\n"),
)


@pytest.fixture
def house(tmp_path):
    """A house with this schedule.yaml and a calendar beside it; what is given is set in its stead."""

    def furnished(calendars=("schedule.yaml", "kavely.ics"), schedule=SCHEDULE, **files):
        (tmp_path / "schedule.yaml").write_text(schedule)
        (tmp_path / "kavely.ics").write_text(WALKS)
        for name, text in files.items():
            (tmp_path / f"{name}.ics").write_text(text)
        settings = Settings(
            content_dir=tmp_path, calendars=calendars, calendar_hosts=("127.0.0.1",), _env_file=None
        )
        return furnish(settings).house

    return furnished


def rows(reading):
    return [(each.start.day, each.title["fi"], each.variant, each.visibility) for each in reading.occurrences]


def test_all_calendars_are_read_together_and_content_describes_their_dates(house):
    reading = read_whole(house(), window=WINDOW, now=NOW)

    assert rows(reading) == [
        (24, "Kävelyryhmä", "metsa", "members"),
        (1, "Kävelyryhmä", "kaupunki", "members"),
        (2, "Kokous", None, "public"),
        (8, "Kävelyryhmä", "metsa", "members"),
        (8, "Kahvit", None, "public"),
        (15, "Kävelyryhmä", "kaupunki", "members"),
        (22, "Kävelyryhmä", "metsa", "members"),
    ]
    assert reading.problems == ()


def test_turns_do_not_depend_on_the_day_from_which_somebody_looks(house):
    later = (NOW + timedelta(days=12), WINDOW[1])

    whole, part = (read_whole(house(), window=window, now=NOW) for window in (WINDOW, later))

    assert part.occurrences == tuple(each for each in whole.occurrences if each.end > later[0])


def test_turns_go_on_from_what_had_begun(house):
    bare = house(schedule=SCHEDULE.replace("  alternate_from: 2026-11-03\n", ""))
    *_, last = read_whole(bare, window=(NOW - timedelta(days=30), NOW), now=NOW).occurrences

    reading = read_whole(bare, window=WINDOW, now=NOW, known=[replace(last, variant="metsa")])

    assert (last.start.day, last.variant) == (17, "kaupunki")
    assert rows(reading)[0] == (24, "Kävelyryhmä", "kaupunki", "members")


def test_one_calendar_alone_is_shown_as_it_is(house, tmp_path):
    reading = read_one("kavely.ics", tmp_path / "kavely.ics", house(), window=WINDOW, now=NOW)

    assert {each.title["fi"] for each in reading.occurrences} == {"Kävely", "Kokous"}
    assert {each.series for each in reading.occurrences} == {None}


def test_a_file_that_is_not_there_is_named(house):
    calendars = ("schedule.yaml", "kavely.ics", "muu.ics")

    reading = read_whole(house(calendars), window=WINDOW, now=NOW)

    assert [each.fault() for each in reading.problems] == [
        Fault("muu.ics", "the file is not there", "Check its name and who may read it.")
    ]


def test_a_series_that_none_of_several_calendars_has_is_named(house):
    lost = SCHEDULE.replace("title: Kävely", "title: Vaellus")
    calendars = ("schedule.yaml", "kavely.ics", "muu.ics")

    reading = read_whole(house(calendars, lost, muu=WALKS), window=WINDOW, now=NOW)

    assert [each.fault() for each in reading.problems] == [
        Fault(
            "VERTTI_CALENDARS",
            "no calendar has dates for kavely: nothing there is what 'from' says in the schedule file",
            "Compare uid, title and category with the calendars.",
        )
    ]


@pytest.mark.parametrize(
    "calendars", [("schedule.yaml", "tyhja.ics"), ("schedule.yaml", "kavely.ics", "tyhja.ics")]
)
def test_a_series_whose_calendar_is_empty_is_named_once(house, calendars):
    waiting = SCHEDULE.replace("title: Kävely", "title: Kävely, calendar: tyhja.ics")

    reading = read_whole(house(calendars, waiting, tyhja=ics()), window=WINDOW, now=NOW)

    assert [each.fault() for each in reading.problems] == [
        Fault(
            "tyhja.ics",
            "it is empty, and should have the dates of kavely (from)",
            "Add dates to it, or compare 'from' in the schedule file.",
        )
    ]


def test_the_only_calendar_is_meant_also_where_none_is_named(house):
    reading = read_whole(house(("tyhja.ics",), tyhja=ics()), window=WINDOW, now=NOW)

    assert [each.fault().what for each in reading.problems] == [
        "it is empty, and should have the dates of kavely (from)"
    ]


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("title: Kävely, calendar: kavely.ics", []),
        ("title: Vaellus, calendar: kavely.ics", ["kavely.ics"]),
        ("title: Vaellus", ["VERTTI_CALENDARS"]),
    ],
)
def test_an_empty_calendar_is_not_blamed_for_dates_that_another_should_have(house, origin, told):
    waiting = SCHEDULE.replace("title: Kävely", origin)
    calendars = ("schedule.yaml", "kavely.ics", "tyhja.ics")

    reading = read_whole(house(calendars, waiting, tyhja=ics()), window=WINDOW, now=NOW)

    assert [each.source for each in reading.problems] == told


def test_a_calendar_that_cannot_be_read_is_not_blamed_for_being_empty_too(house):
    reading = read_whole(house(("schedule.yaml", "rikki.ics"), rikki="nonsense"), window=WINDOW, now=NOW)

    assert [each.fault().what for each in reading.problems] == ["this is not a calendar"]


# ---- addresses ---------------------------------------------------------------------------------------------------


@contextmanager
def serving(body, kind="text/calendar", status=200):
    """A host that gives this to whoever asks; give its address, which holds a secret."""

    class Host(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/SECRET"
        server.shutdown()


def test_a_calendar_at_an_address_is_joined_by_the_name_of_its_host(house):
    with serving(WALKS) as address:
        joined = house(
            ("schedule.yaml", address),
            SCHEDULE.replace("title: Kävely", "title: Kävely, calendar: 127.0.0.1"),
        )
        reading = read_whole(joined, window=WINDOW, now=NOW)

    assert (len(reading.occurrences), reading.problems) == (7, ())
    assert rows(reading)[0] == (24, "Kävelyryhmä", "metsa", "members")


def test_a_schedule_at_an_address_is_read_as_one(house, tmp_path):
    there = 'series:\n- {id: retki, name: Retki, dates: [2026-12-01], time: "13:00"}\n- id: rikki\n'
    with serving(there, "application/yaml") as address:
        reading = read_one(address, tmp_path, house(), window=WINDOW, now=NOW, number=3)

    assert [each.uid for each in reading.occurrences] == ["retki"]
    assert {each.source for each in reading.problems} == {"address 3 (127.0.0.1)"}


def test_events_of_an_api_are_read_as_such(house, tmp_path):
    events = (
        '{"meta": {"count": 1, "next": null, "previous": null}, "data": [{"id": "x:1", "name": {"fi": "Konsertti"},'
        ' "start_time": "2026-12-01T16:00:00Z", "end_time": null, "event_status": "EventScheduled"}]}'
    )
    with serving(events, "application/json") as address:
        found = read_one(address.replace("SECRET", "v1/event/"), tmp_path, house(), window=WINDOW, now=NOW)

    assert [each.title for each in found.occurrences] == [{"fi": "Konsertti"}]


@pytest.mark.parametrize(
    ("body", "status"), [("<html>Log in</html>", 200), ("Not here", 404), ("", 500), ("BEGIN:VCALENDAR", 403)]
)
def test_what_cannot_be_had_is_a_problem_that_does_not_tell_the_address(house, body, status):
    with serving(body, "text/html", status) as address:
        reading = read_whole(house(("schedule.yaml", address)), window=WINDOW, now=NOW)

    assert [each.title["fi"] for each in reading.occurrences] == ["Kahvit"]
    assert [each.source for each in reading.problems] == ["address 2 (127.0.0.1)"]
    assert "SECRET" not in str(reading.problems)


def test_a_host_that_is_not_listed_is_not_asked(house, tmp_path):
    with serving(WALKS) as address:
        reading = read_one(
            address.replace("127.0.0.1", "localhost"), tmp_path, house(), window=WINDOW, now=NOW
        )

    assert (reading.occurrences, len(reading.problems)) == ((), 1)
