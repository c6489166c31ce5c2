"""A calendar on a CalDAV server is read by the guarded way only; against a real Radicale, and against servers with vices."""

import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules.calendars import read_calendar
from schedules.calendars.addresses import read_address
from schedules.calendars.caldav_source import AT_ONCE, _Server
from schedules.calendars.fetching import Fetched, FetchFault, NotModified, fetch
from schedules.calendars.guarded_http import Door, Guard
from tests.servers.calendar_host import answer, redirect

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2027, 1, 4, 10, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=60), NOW + timedelta(days=400))
HERE = Guard({"127.0.0.1"})


def event(uid, start, *more):
    lines = [f"UID:{uid}", "DTSTAMP:20270101T000000Z", f"DTSTART:{start}", f"SUMMARY:Tapaaminen {uid}", *more]
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def ics(*events):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *events, "END:VCALENDAR", ""])


def name_of(url, user="", password=""):
    return "caldav+" + url.replace("://", f"://{user}:{password}@" if user else "://")


def get(name, *, seen=None, window=WINDOW, guard=HERE):
    return fetch(name, number=2, seen=seen, now=NOW, window=window, guard=guard)


def fault(name, *, guard=HERE):
    with pytest.raises(FetchFault) as found:
        get(name, guard=guard)
    return found.value


def dates(fetched):
    """What a calendar that was fetched says, by its reader."""
    reading = read_calendar(
        fetched.data, source="address 2", zone=HELSINKI, window=WINDOW, language="fi", fill={}
    )
    assert reading.problems == ()
    return [(each.uid, f"{each.start:%Y-%m-%d %H:%M}", each.status) for each in reading.occurrences]


@pytest.fixture
def anna(radicale):
    return radicale.newcomer("anna")


@pytest.fixture
def groups(anna):
    return anna.makes_calendar("ryhmät ja muut")


@pytest.fixture
def name(anna, groups):
    return name_of(groups.url, anna.user, anna.password)


# ---- a real server -------------------------------------------------------------------------------------------


def test_events_and_their_overrides_come_as_one_calendar(groups, name):
    series = event("1", "20270107T130000", "DURATION:PT2H", "RRULE:FREQ=WEEKLY;COUNT=3").replace(
        "DTSTART:", "DTSTART;TZID=Europe/Helsinki:"
    )
    moved = event("1", "20270114T150000Z", "DTEND:20270114T160000Z", "RECURRENCE-ID:20270114T110000Z")
    off = event("1", "20270121T110000Z", "RECURRENCE-ID:20270121T110000Z", "STATUS:CANCELLED")
    groups.puts("1 & ä.ics", ics(series, moved, off))
    groups.puts("2@.ics", ics(event("2", "20270108T090000Z")))

    assert dates(get(name)) == [
        ("1", "2027-01-07 11:00", "confirmed"),
        ("2", "2027-01-08 09:00", "confirmed"),
        ("1", "2027-01-14 15:00", "confirmed"),
        ("1", "2027-01-21 11:00", "cancelled"),
    ]


def test_what_is_as_it_was_is_not_fetched_again(groups, name):
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    first = get(name)

    again = get(name, seen=first.seen)
    later_the_same_day = get(name, seen=first.seen, window=(WINDOW[0] + timedelta(hours=1), WINDOW[1]))

    assert again == later_the_same_day == NotModified()
    assert get(name, seen=None) == first


@pytest.mark.parametrize("change", ["new", "changed", "deleted"])
def test_whatever_changes_is_seen(groups, name, change):
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    groups.puts("2.ics", ics(event("2", "20270108T110000Z")))
    first = get(name)
    match change:
        case "new":
            groups.puts("3.ics", ics(event("3", "20270109T110000Z")))
        case "changed":
            groups.puts("2.ics", ics(event("2", "20270108T120000Z")))
        case "deleted":
            groups.deletes("2.ics")

    then = get(name, seen=first.seen)

    assert isinstance(then, Fetched)
    assert then.seen != first.seen
    assert [(uid, start[11:13]) for uid, start, _ in dates(then)] == {
        "new": [("1", "11"), ("2", "11"), ("3", "11")],
        "changed": [("1", "11"), ("2", "12")],
        "deleted": [("1", "11")],
    }[change]


def test_a_new_day_is_fetched_anew(groups, name):
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    first = get(name)

    tomorrow = get(name, seen=first.seen, window=tuple(each + timedelta(days=1) for each in WINDOW))

    assert isinstance(tomorrow, Fetched)
    assert tomorrow.data == first.data


def test_only_what_has_a_date_in_the_window_is_fetched_and_nothing_at_its_edges_is_missing(groups, name):
    groups.puts("old.ics", ics(event("old", "20200107T110000Z")))
    groups.puts("far.ics", ics(event("far", "20300107T110000Z")))
    groups.puts("long.ics", ics(event("long", "20200107T110000Z", "RRULE:FREQ=WEEKLY;INTERVAL=50")))
    for edge, when in (("first", WINDOW[0]), ("last", WINDOW[1] - timedelta(minutes=1))):
        groups.puts(f"{edge}.ics", ics(event(edge, f"{when:%Y%m%dT%H%M%SZ}")))
        groups.puts(f"{edge}-floating.ics", ics(event(f"{edge}-floating", f"{when:%Y%m%dT%H%M%S}")))
        day = ics(event(f"{edge}-day", f"{when:%Y%m%d}").replace("DTSTART:", "DTSTART;VALUE=DATE:"))
        groups.puts(f"{edge}-day.ics", day)

    data = get(name).data.decode()
    found = {line.removeprefix("UID:") for line in data.split("\r\n") if line.startswith("UID:")}

    assert found == {f"{edge}{kind}" for edge in ("first", "last") for kind in ("", "-floating", "-day")} | {
        "long"
    }


def test_a_calendar_with_nothing_in_it_is_an_empty_calendar(name):
    assert dates(get(name)) == []


@pytest.mark.parametrize("where", ["account", "server"])
def test_an_account_with_one_calendar_of_events_leads_to_it(anna, groups, where):
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    anna.makes_calendar("tehtavat", holds="VTODO")
    url = anna.url if where == "account" else f"{anna.server.url}/"

    got = get(name_of(url, anna.user, anna.password))

    assert [uid for uid, *_ in dates(got)] == ["1"]
    assert get(name_of(url, anna.user, anna.password), seen=got.seen) == NotModified()


def test_of_several_calendars_none_is_guessed(anna, groups):
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    anna.makes_calendar("oma").puts("2.ics", ics(event("2", "20270107T110000Z")))

    found = fault(name_of(anna.url, anna.user, anna.password))

    assert (found.problem.fault().what, found.retry) == (
        "the account has 2 calendars, and Vertti must not guess",
        False,
    )


def test_an_account_without_a_calendar_and_a_list_of_tasks_are_said_to_be_none(anna):
    nothing = fault(name_of(anna.url, anna.user, anna.password))
    tasks = anna.makes_calendar("tehtavat", holds="VTODO")

    assert nothing.problem.fault().what == "the account has no calendar"
    assert (
        fault(name_of(tasks.url, anna.user, anna.password)).problem.fault().what
        == "what is kept there are no events"
    )


@pytest.mark.parametrize(
    ("user", "password", "what"),
    [
        ("{user}", "vanha", "the host does not take the user and the password (401)"),
        ("joku", "muu", "the host does not take the user and the password (401)"),
        ("", "", "the host asks for a user and a password (401)"),
    ],
)
def test_a_password_that_is_not_taken_is_said_so(anna, groups, user, password, what):
    found = fault(name_of(groups.url, user.format(user=anna.user), password))

    assert (found.problem.fault().what, found.retry) == (what, False)


def test_somebody_elses_calendar_is_not_given(radicale, groups):
    berit = radicale.newcomer("berit")

    assert (
        fault(name_of(groups.url, berit.user, berit.password)).problem.fault().what
        == "the host does not give it away (403)"
    )


def test_a_calendar_that_is_gone_is_said_to_be(anna, groups):
    anna.call("DELETE", groups.url)

    assert fault(name_of(groups.url, anna.user, anna.password)).problem.fault().what == (
        "there is no calendar at this address (404)"
    )


def test_a_password_with_signs_of_addresses_is_written_quoted(radicale):
    anna = radicale.newcomer("anna", password="s/a@l:a#?%å")
    anna.makes_calendar("ryhmat").puts("1.ics", ics(event("1", "20270107T110000Z")))

    got = get(name_of(anna.url, anna.user, "s%2Fa%40l%3Aa%23%3F%25%C3%A5"))

    assert [uid for uid, *_ in dates(got)] == ["1"]


def test_a_server_on_this_machine_needs_to_be_listed(name):
    assert "plain http" in fault(name, guard=Guard()).problem.fault().what
    assert "port" in fault(name.replace("caldav+http", "caldavs"), guard=Guard()).problem.fault().what


# ---- what the library would do by itself ---------------------------------------------------------------------

WITH_TRAPS = """
import sys
from datetime import UTC, datetime, timedelta
sys.path.insert(0, ".")
from schedules.calendars.addresses import read_address
from schedules.calendars.caldav_source import AT_ONCE, _Server
from schedules.calendars.fetching import fetch
from schedules.calendars.guarded_http import Door, Guard

now = datetime(2027, 1, 4, tzinfo=UTC)
window = (now, now + timedelta(days=30))
got = fetch(sys.argv[1], number=1, seen=None, now=now, window=window, guard=Guard({"127.0.0.1"}))
print(got.data.count(b"BEGIN:VEVENT"), sys.modules["caldav.lib.error"].debugmode)
"""


def test_nothing_of_the_machine_leads_the_library_astray(groups, name, internet, tmp_path):
    """No .netrc, no proxy, no configuration, no debugger and no dump, though the environment asks for each."""
    groups.puts("1.ics", ics(event("1", "20270107T110000Z")))
    trap = internet.host("trap.example.org", tls=False)
    home, dumps = tmp_path / "home", tmp_path / "dumps"
    (home / ".config" / "caldav").mkdir(parents=True)
    dumps.mkdir()
    at_trap = f"http://127.0.0.1:{trap.port}/"
    (home / ".netrc").write_text("machine 127.0.0.1 login netrc password netrc\n")
    for each in (home / ".config" / "caldav" / "calendar.conf", home / ".caldav.conf"):
        each.write_text(
            f'{{"default": {{"caldav_url": "{at_trap}", "caldav_username": "x", "caldav_password": "y"}}}}'
        )
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    environment = {
        **dict.fromkeys(proxies, at_trap), "NO_PROXY": "", "no_proxy": "", "HOME": str(home), "NETRC": str(home / ".netrc"),
        "XDG_CONFIG_HOME": str(home / ".config"), "CALDAV_URL": at_trap, "CALDAV_USERNAME": "x", "CALDAV_PASSWORD": "y",
        "PYTHON_CALDAV_DEBUGMODE": "DEBUG_PDB", "PYTHON_CALDAV_COMMDUMP": "1", "TMPDIR": str(dumps),
        "REQUESTS_CA_BUNDLE": "/nowhere", "CURL_CA_BUNDLE": "/nowhere",
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", WITH_TRAPS, name],
        cwd=Path(__file__).parents[3],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "1 PRODUCTION\n"), done.stderr
    assert trap.heard == []
    assert list(dumps.iterdir()) == []


def test_what_would_go_past_the_door_breaks():
    address = read_address("caldavs://anna:sana@cloud.example.org/dav/", 1)

    with Door(Guard(), address, now=NOW) as door:
        client = _Server(door)

        assert not hasattr(client, "session")
        assert (client.username, client.password) == (None, None)


def test_what_the_library_logs_is_heard_by_nobody():
    heard = []
    listener = logging.Handler()
    listener.emit = heard.append
    logging.getLogger().addHandler(listener)
    try:
        logging.getLogger("caldav.response").error("Kanarialintu")
        logging.getLogger("calendars").error("this is heard")
    finally:
        logging.getLogger().removeHandler(listener)

    assert [each.name for each in heard] == ["calendars"]


# ---- servers with vices --------------------------------------------------------------------------------------

NAMESPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
IS_CALENDAR = "<resourcetype><collection/><C:calendar/></resourcetype>"


def multistatus(*responses):
    return answer(
        f'<?xml version="1.0"?><multistatus {NAMESPACES}>{"".join(responses)}</multistatus>',
        status=207,
        Content_Type="application/xml",
    )


def response(href, *properties, status=200):
    return (
        f"<response><href>{href}</href><propstat><prop>{''.join(properties)}</prop>"
        f"<status>HTTP/1.1 {status} Said</status></propstat></response>"
    )


def calendar_data(text):
    return f"<getetag>1</getetag><C:calendar-data>{text}</C:calendar-data>"


HERE_IT_IS = multistatus(response("/ryhmat/", IS_CALENDAR))


def listed(**etags):
    """What a server says that there is, with the version of each event, if it has one."""
    return multistatus(
        *(response(f"/ryhmat/{uid}.ics", f"<getetag>{etag}</getetag>") for uid, etag in etags.items())
    )


def given(*uids):
    """The texts of events, as a server gives them."""
    texts = {uid: calendar_data(ics(event(uid, "20270107T110000Z"))) for uid in uids}
    return multistatus(*(response(f"/ryhmat/{uid}.ics", text) for uid, text in texts.items()))


@pytest.fixture
def dav(internet):
    return internet.host("dav.example.org")


def test_the_versions_of_the_events_do_where_the_calendar_has_none(internet, dav):
    guard, name = internet.guard(), "caldavs://dav.example.org/ryhmat/"
    dav.says("/ryhmat/", HERE_IT_IS, listed(a="1", b="1"), given("a", "b"))
    first = get(name, guard=guard)
    dav.says("/ryhmat/", HERE_IT_IS, listed(b="1", a="1"))
    again = get(name, seen=first.seen, guard=guard)
    dav.says("/ryhmat/", HERE_IT_IS, listed(a="1", b="2"), given("b", "a"))
    changed = get(name, seen=first.seen, guard=guard)
    dav.says("/ryhmat/", HERE_IT_IS, listed(a="1"), given("a"))
    fewer = get(name, seen=first.seen, guard=guard)

    assert again == NotModified()
    assert (changed.data, len(dates(fewer))) == (first.data, 1)
    assert first.seen != changed.seen != fewer.seen


def test_a_calendar_without_any_version_is_fetched_each_time(internet, dav):
    rounds = [HERE_IT_IS, listed(a=""), given("a")]
    dav.says("/ryhmat/", *rounds, *rounds)
    guard, name = internet.guard(), "caldavs://dav.example.org/ryhmat/"

    first = get(name, guard=guard)

    assert first.seen == {}
    assert get(name, seen=first.seen, guard=guard) == first


def test_the_sync_token_does_where_there_is_no_ctag(internet, dav):
    here = multistatus(response("/ryhmat/", IS_CALENDAR, "<sync-token>7</sync-token>"))
    dav.says("/ryhmat/", here, listed(), here)
    guard = internet.guard()

    first = get("caldavs://dav.example.org/ryhmat/", guard=guard)

    assert get("caldavs://dav.example.org/ryhmat/", seen=first.seen, guard=guard) == NotModified()


def test_many_events_come_in_several_answers(internet, dav):
    uids = [f"{number:03}" for number in range(2 * AT_ONCE + 3)]
    asked = []

    def give(wire):
        asked.append(re.findall(r"/ryhmat/(\d+)\.ics", wire.request.body.decode()))
        given(*asked[-1])(wire)

    dav.says("/ryhmat/", HERE_IT_IS, listed(**dict.fromkeys(reversed(uids), "1")), give)

    got = get("caldavs://dav.example.org/ryhmat/", guard=internet.guard())

    assert [len(each) for each in asked] == [AT_ONCE, AT_ONCE, 3]
    assert [uid for uid, *_ in dates(got)] == uids


def test_a_bare_host_begins_where_the_standard_says(internet, dav):
    """As Nextcloud: RFC 6764's address leads to the root of DAV, that to the person, and she to her calendars."""
    dav.says("/.well-known/caldav", redirect("https://dav.example.org/remote.php/dav", status=301))
    dav.says("/remote.php/dav", redirect("/remote.php/dav/", status=301))
    me = (
        "<current-user-principal><href>/remote.php/dav/principals/users/anna/</href></current-user-principal>"
    )
    dav.says("/remote.php/dav/", multistatus(response("/remote.php/dav/", me)))
    home = "<C:calendar-home-set><href>/remote.php/dav/calendars/anna/</href></C:calendar-home-set>"
    dav.says("/remote.php/dav/principals/users/anna/", multistatus(response("/x", home)))
    dav.says(
        "/remote.php/dav/calendars/anna/",
        multistatus(
            response("/remote.php/dav/calendars/anna/", "<resourcetype><collection/></resourcetype>"),
            response("/remote.php/dav/calendars/anna/inbox/", "<resourcetype><collection/><C:schedule-inbox/></resourcetype>"),
            response("/remote.php/dav/calendars/anna/ryhm%C3%A4t/", IS_CALENDAR, "<S:getctag>1</S:getctag>"),
        ),
    )  # fmt: skip
    dav.says("/remote.php/dav/calendars/anna/ryhm%C3%A4t/", multistatus())

    got = get("caldavs://anna:sana@dav.example.org", guard=internet.guard())

    assert dates(got) == []
    assert [(each.method, each.target) for each in dav.heard][-1] == (
        "REPORT", "/remote.php/dav/calendars/anna/ryhm%C3%A4t/",
    )  # fmt: skip
    assert {each.headers["authorization"] for each in dav.heard} == {"Basic YW5uYTpzYW5h"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://p42.dav.example.net/anna/",
        "//p42.dav.example.net/anna/",
        "https://dav.example.org:8443/",
        "http://dav.example.org/",
    ],
)
@pytest.mark.parametrize("step", ["principal", "home"])
def test_the_password_follows_to_no_other_host_that_the_server_names(internet, dav, step, elsewhere):
    other = internet.host("p42.dav.example.net")
    named = "C:calendar-home-set" if step == "home" else "current-user-principal"
    dav.says("/me/", multistatus(response("/me/", f"<{named}><href>{elsewhere}</href></{named}>")))

    found = fault("caldavs://anna:sana@dav.example.org/me/", guard=internet.guard("dav.example.org"))

    assert found.problem.fault().what.startswith("the calendars are kept on another host (")
    assert other.heard == []


def test_a_calendar_that_is_named_by_a_place_elsewhere_is_asked_for_here(internet, dav):
    dav.says(
        "/me/",
        multistatus(response("/me/", "<C:calendar-home-set><href>/home/</href></C:calendar-home-set>")),
    )
    dav.says("/home/", multistatus(response("https://127.0.0.1/secret/", IS_CALENDAR)))
    dav.says("/secret/", multistatus())

    get("caldavs://dav.example.org/me/", guard=internet.guard())

    assert {host for host, _ in internet.connected} == {"93.184.216.1"}
    assert dav.heard[-1].target == "/secret/"


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(answer("<html><body>Kirjaudu</body></html>", Content_Type="text/html"), id="a log-in page"),
        pytest.param(answer("<html xmlns='DAV:'/>", status=207), id="a page that says it is none"),
        pytest.param(answer("<multistatus xmlns='DAV:'/>", status=200), id="another status"),
        pytest.param(answer("", status=207), id="nothing"),
        pytest.param(answer("nonsense", status=207, Content_Type="application/xml"), id="no XML"),
        pytest.param(answer("<multistatus xmlns='DAV:'><resp", status=207), id="half of it"),
        pytest.param(answer("<a>" * 100_000, status=207), id="too deep"),
        pytest.param(multistatus("<response/>"), id="an empty response"),
        pytest.param(multistatus(response("/ryhmat/", "<resourcetype/>", status=500)), id="a failure inside"),
        pytest.param(multistatus("<response><href>/x</href><status>HTTP/1.1 507 Full</status></response>"), id="cut off"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "before", [[], [HERE_IT_IS], [HERE_IT_IS, listed(a="1")]], ids=["calendar", "list", "events"]
)
def test_what_is_no_answer_of_caldav_is_a_fault_and_no_empty_calendar(internet, dav, says, before):
    dav.says("/ryhmat/", *before, says)

    found = fault("caldavs://dav.example.org/ryhmat/", guard=internet.guard())

    assert found.problem.source == "address 2 (dav.example.org)"
    assert found.problem.fault().what in {
        "the server does not answer as CalDAV servers do",
        "there is nothing at this address",
        "the account has no calendar",
        "the server does not give all of its events",
    }


@pytest.mark.parametrize(
    "texts",
    [
        given("a"),
        multistatus(response("/ryhmat/b.ics", "<getetag>1</getetag>")),
        multistatus(),
        given("a", "c"),
    ],
    ids=["one of two", "without its text", "none", "another"],
)
def test_an_event_that_is_not_given_is_not_left_out_in_silence(internet, dav, texts):
    dav.says("/ryhmat/", HERE_IT_IS, listed(a="1", b="1"), texts)

    found = fault("caldavs://dav.example.org/ryhmat/", guard=internet.guard())

    assert (found.problem.fault().what, found.retry) == ("the server does not give all of its events", True)


def test_an_answer_cannot_read_files_or_grow(internet, dav, tmp_path):
    (tmp_path / "secret").write_text("kanarialintu")
    entities = f'<!ENTITY file SYSTEM "file://{tmp_path / "secret"}"><!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {each} "{f"&{before};" * 10}">'
        for before, each in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for entity in ("file", "i"):
        body = f"<response><href>/ryhmat/a.ics</href><propstat><prop><C:calendar-data>&{entity};</C:calendar-data></prop></propstat></response>"
        trick = f"<!DOCTYPE x [{entities}]><multistatus {NAMESPACES}>{body}</multistatus>"
        dav.says("/ryhmat/", HERE_IT_IS, listed(a="1"), answer(trick, status=207))

        try:
            got = get("caldavs://dav.example.org/ryhmat/", guard=internet.guard())
        except FetchFault:
            continue

        assert b"kanarialintu" not in got.data
        assert len(got.data) < 1000
