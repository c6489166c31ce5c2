"""A calendar is fetched from its address, or it is said in words why not (T-20, T-25, R-15)."""

import logging
import traceback
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from bot import logs
from bot.router import House
from schedules.calendars.fetching import Fetched, FetchFault, NotModified, fetch
from schedules.calendars.guarded_http import Guard
from tests.servers.calendar_host import answer, halfway, head, known_by, packed, raw, redirect

NOW = datetime(2027, 1, 4, 10, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=60), NOW + timedelta(days=400))
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\nEND:VCALENDAR\r\n"
CLOUD = "https://cloud.example.org/ryhmat.ics"
LOGIN = "<!DOCTYPE html><html><head><title>Kirjaudu</title></head><body><form></form></body></html>"


def get(guard, name=CLOUD, *, seen=None):
    return fetch(name, number=2, seen=seen, now=NOW, window=WINDOW, guard=guard)


def fault(guard, name=CLOUD, *, seen=None):
    with pytest.raises(FetchFault) as found:
        get(guard, name, seen=seen)
    return found.value


@pytest.fixture
def cloud(internet):
    return internet.host("cloud.example.org")


# ---- what comes ----------------------------------------------------------------------------------------------


def test_a_calendar_comes_as_it_is_and_is_not_sent_again_while_it_stays(internet, cloud):
    cloud.says("/ryhmat.ics", known_by(ICS, ETag='"1"'))
    guard = internet.guard()

    first = get(guard)
    again = get(guard, seen=first.seen)
    anew = get(guard, seen=None)

    assert first == Fetched(ICS.encode(), "ics", {"etag": '"1"', "of": first.seen["of"]})
    assert (again, anew) == (NotModified(), first)


@pytest.mark.parametrize(
    ("path", "body", "content_type", "kind"),
    [
        ("/x", ICS, "", "ics"),
        ("/x.ics", ICS, "text/html", "ics"),
        ("/x", "\ufeff\r\n" + ICS, "text/calendar; charset=utf-8", "ics"),
        ("/x", ICS.lower(), "", "ics"),
        ("/x.yaml", ICS, "", "ics"),
        ("/schedule.yaml", "series: []\n", "", "yaml"),
        ("/schedule.YML", "series: []\n", "text/plain", "yaml"),
        ("/download", "series: []\n", "application/yaml", "yaml"),
    ],
)
def test_what_it_is_shows_in_what_came_and_in_its_name(internet, path, body, content_type, kind):
    internet.host("cloud.example.org").says(path, answer(body, Content_Type=content_type))

    got = get(internet.guard(), f"https://cloud.example.org{path}?download=1")

    assert (got.kind, got.data) == (kind, body.encode())


def test_packed_it_comes_out(internet, cloud):
    cloud.says("/ryhmat.ics", packed(ICS))

    assert get(internet.guard()).data == ICS.encode()


# ---- what is no calendar -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "what", "retry"),
    [
        (LOGIN, "a web page came, most often one to log in on", False),
        ("\ufeff\n\n<html>", "a web page came, most often one to log in on", False),
        ("<!-- Nextcloud --><html>", "a web page came, most often one to log in on", False),
        ('<?xml version="1.0"?><rss/>', "a web page came, most often one to log in on", False),
        ("", "the host sends nothing", True),
        ("\r\n \r\n", "the host sends nothing", True),
        ('{"error": "quota"}', "what came is no calendar", False),
        ("Service temporarily unavailable", "what came is no calendar", False),
        ("x" * 5000 + ICS, "what came is no calendar", False),
        ("\0\1\2", "what came is no calendar", False),
    ],
)
def test_what_is_no_calendar_is_never_taken_for_an_empty_one(internet, cloud, body, what, retry):
    cloud.says("/ryhmat.ics", answer(body, Content_Type="text/calendar"))

    found = fault(internet.guard())

    assert (found.problem.fault().what, found.retry) == (what, retry)
    assert found.problem.source == "address 2 (cloud.example.org)"


def test_a_log_in_page_elsewhere_is_one_too(internet, cloud):
    cloud.says("/ryhmat.ics", redirect("https://login.example.org/?next=x"))
    internet.host("login.example.org").says("/", answer(LOGIN))

    assert fault(internet.guard()).problem.fault().what == "a web page came, most often one to log in on"


def test_a_web_page_is_no_yaml_either(internet, cloud):
    cloud.says("/schedule.yaml", answer(LOGIN))

    assert (
        "web page" in fault(internet.guard(), "https://cloud.example.org/schedule.yaml").problem.fault().what
    )


def test_where_the_host_does_not_say_how_long_it_is_the_end_of_the_calendar_tells_that_it_is_whole(
    internet, cloud
):
    cloud.says("/ryhmat.ics", halfway(ICS, promised=None), halfway(ICS[:-6], promised=None), answer(ICS[:-6]))
    guard = internet.guard()

    whole, broken, as_the_host_has_it = get(guard), fault(guard), get(guard)

    assert whole.data == ICS.encode()
    assert (broken.problem.fault().what, broken.retry) == ("the answer broke off", True)
    assert as_the_host_has_it.data == ICS[:-6].encode()


# ---- what the host says --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "what", "retry"),
    [
        (400, "the host answers in an unexpected way (400)", False),
        (401, "the host asks for a user and a password (401)", False),
        (403, "the host does not give it away (403)", False),
        (404, "there is no calendar at this address (404)", False),
        (410, "it was taken away for good (410)", False),
        (418, "the host answers in an unexpected way (418)", False),
        (429, "the host says that it is asked too often (429)", True),
        (500, "the host has trouble of its own (500)", True),
        (503, "the host has trouble of its own (503)", True),
        (204, "the host answers in an unexpected way (204)", False),
        (206, "the host answers in an unexpected way (206)", False),
        (300, "the host answers in an unexpected way (300)", False),
    ],
)
def test_each_status_has_words_of_its_own_and_a_mend(internet, cloud, status, what, retry):
    cloud.says("/ryhmat.ics", answer(ICS, status=status))

    found = fault(internet.guard())

    assert (found.problem.fault().what, found.retry, found.after) == (what, retry, None)
    assert found.problem.line is None
    assert found.problem.fault().mend.endswith(".")


def test_a_password_that_is_not_taken_is_told_from_one_that_is_missing(internet, cloud):
    cloud.says(
        "/ryhmat.ics",
        answer(status=401, WWW_Authenticate='Basic realm="x"'),
        answer(status=401, WWW_Authenticate='Digest realm="x"'),
        raw(head(401, {"WWW-Authenticate": "Negotiate", "www-authenticate": "Basic"})),
        answer(status=401),
    )
    guard, name = internet.guard(), "https://anna:vanha@cloud.example.org/ryhmat.ics"

    wrong, another_way, either_way, unsaid = (fault(guard, name).problem.fault().what for _ in range(4))

    assert wrong == either_way == unsaid == "the host does not take the user and the password (401)"
    assert another_way == "the host wants the password in a way unknown to Vertti (401)"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("999999999999999999999", timedelta(days=1)),
        ("86401", timedelta(days=1)),
        ("Mon, 04 Jan 2027 10:30:00 GMT", timedelta(minutes=30)),
        ("Mon, 04 Jan 2027 09:00:00 GMT", timedelta(0)),
        ("Mon, 04 Jan 2027 10:30:00 -0000", timedelta(minutes=30)),
        ("Tue, 01 Jan 2999 00:00:00 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("Mon, 99 Jan 2027 10:30:00 GMT", None),
        ("²", None),
    ],
)
def test_how_long_a_host_wants_to_be_left_alone_is_passed_on(internet, cloud, status, said, after):
    cloud.says("/ryhmat.ics", raw(head(status, {"Retry-After": said, "Content-Length": "0"})))

    found = fault(internet.guard())

    assert (found.retry, found.after) == (True, after)


def test_a_flapping_calendar_is_a_calendar_or_a_fault_and_never_an_empty_calendar(internet, cloud):
    """200, 500, empty, HTML and back (R-15)."""
    good = known_by(ICS, ETag='"1"')
    bad = [answer(status=500), answer(), answer(LOGIN), halfway(ICS, promised=999), answer(status=404)]
    cloud.says("/ryhmat.ics", *(each for pair in zip([good] * 5, bad, strict=True) for each in pair), good)
    guard = internet.guard()
    heard, seen = [], None

    for _ in range(11):
        try:
            got = get(guard, seen=seen)
        except FetchFault as fault:
            heard.append(fault.retry)
        else:
            heard.append(type(got).__name__)
            seen = got.seen if isinstance(got, Fetched) else seen

    assert heard == [
        "Fetched", True, "NotModified", True, "NotModified", False, "NotModified", True, "NotModified", False,
        "NotModified",
    ]  # fmt: skip


def test_what_is_no_address_is_a_fault_like_others():
    found = fault(Guard(), "ftp://cloud.example.org/x")

    assert str(found.problem) == (
        "it does not begin with https://, webcal:// or caldavs://. Copy the calendar's address again from where it is kept."
    )


# ---- what nobody may see -------------------------------------------------------------------------------------

CANARIES = ("kanarialintu", "salainen-sana", "polku-4711471147", "avain-AAFakeToken", "muualle-AAOther")


def told(fault):
    """All that could come to light of a fault: its words, its values, its traceback, and what it came from."""
    words = [*traceback.format_exception(fault), repr(fault), str(fault.problem), repr(fault.problem)]
    frames = fault.__traceback__
    while frames is not None and "schedules" not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    while frames is not None:
        words += [
            repr(each)
            for name, each in frames.tb_frame.f_locals.items()
            if name in {"self", "address", "door"}
        ]
        frames = frames.tb_next
    return " ".join(words)


def test_the_house_does_not_show_its_calendars():
    shown = {each.name: each.repr for each in fields(House)}

    assert shown["calendars"] is False


@pytest.mark.parametrize("scheme", ["https", "caldavs"])
def test_no_part_of_an_address_but_its_host_comes_to_light(internet, cloud, scheme, capsys):
    user, password, path, query, other = CANARIES
    name = f"{scheme}://{user}:{password}@cloud.example.org/{path}/x?key={query}"
    trouble = [
        answer(status=401), answer(status=403), answer(status=404), answer(status=429), answer(status=500), answer(LOGIN),
        answer(), answer("nonsense"), answer("<x/>", status=207), answer("<x", status=207), halfway(ICS, promised=999),
        raw(b""), raw(b"nonsense"), redirect(f"https://127.0.0.1/{other}"), redirect(f"https://{other}.example.org/{other}"),
        redirect(f"ftp://{other}/"), redirect(f"/{path}/x?key={other}"), answer(ICS, Content_Encoding="br"), answer(ICS),
    ]  # fmt: skip
    cloud.says(f"/{path}/x", *trouble)
    internet.names["silent.example.org"] = [["93.184.216.77"]]
    library = [logging.getLogger(each) for each in ("httpcore", "httpx", "caldav", "urllib3", "niquests")]
    levels = [each.level for each in library]
    logs.set_up(level="DEBUG", strict=True)
    for each in [logging.getLogger(), *library]:
        each.setLevel(logging.DEBUG)

    guard = internet.guard()
    names = [name] * len(trouble) + [
        name.replace("cloud", "nobody"), name.replace("cloud", "silent"), name.replace(".org", ".org:8443"),
        name.replace(".org/", ".org:x/"), name.replace(scheme, "http"), name.replace(scheme, "ftp"), name + " ",
    ]  # fmt: skip
    seen = []
    for each in names:
        try:
            seen.append(repr(get(guard, each)))
        except FetchFault as found:
            seen.append(told(found))
    for each, level in zip(library, levels, strict=True):
        each.setLevel(level)
    logs.set_up(level="DEBUG", strict=True)

    logged = capsys.readouterr()
    assert len(seen) == len(names)
    assert "logger=httpcore" in logged.err
    assert [each for each in CANARIES if each in logged.err + logged.out] == []
    assert [each for each in CANARIES if each in "".join(seen)] == []
