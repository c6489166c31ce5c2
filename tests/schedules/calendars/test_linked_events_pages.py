"""A Linked Events API is followed from page to page, all of it or nothing of it."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from schedules.calendars.fetching import FetchFault, fetch
from schedules.calendars.linked_events import read_linked_events
from schedules.calendars.linked_events_pages import MAX_PAGES
from tests.servers.calendar_host import answer

NOW = datetime(2027, 1, 4, 10, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=60), NOW + timedelta(days=400))
EVENTS = "https://api.example.org/v1/event/?keyword=yso:p1,yso:p2&location=tprek:1"


def get(guard, name=EVENTS):
    return fetch(name, number=1, seen=None, now=NOW, window=WINDOW, guard=guard)


def fault(guard, name=EVENTS):
    with pytest.raises(FetchFault) as found:
        get(guard, name)
    return found.value


def page(*uids, following=None, meta_last=False, padding=""):
    parts = {
        "meta": {"count": 9, "next": following, "previous": None},
        "data": [
            {"id": uid, "start_time": "2027-09-15T08:00:00Z", "name": {"fi": padding}, "end_time": None}
            for uid in uids
        ],
    }
    return answer(
        json.dumps(dict(reversed(parts.items())) if meta_last else parts), Content_Type="application/json"
    )


def uids(fetched):
    reading = read_linked_events(
        fetched.data, source="x", zone=ZoneInfo("Europe/Helsinki"), window=WINDOW, language="fi"
    )
    assert reading.problems == ()
    return [each.uid for each in reading.occurrences]


@pytest.fixture
def api(internet):
    return internet.host("api.example.org")


def test_the_days_the_places_and_whole_pages_are_asked_for(internet, api):
    api.says("/v1/event/", page("x:1"))

    got = get(internet.guard())

    assert (got.kind, uids(got)) == ("linked_events", ["x:1"])
    assert parse_qs(api.heard[0].target.partition("?")[2]) == {
        "keyword": ["yso:p1,yso:p2"],
        "location": ["tprek:1"],
        "start": ["2026-11-05"],
        "end": ["2028-02-08"],
        "page_size": ["100"],
        "include": ["location"],
    }
    assert api.heard[0].headers["accept"] == "application/json"


@pytest.mark.parametrize(
    ("query", "kept", "absent"),
    [
        ("?start=today", {"start": ["today"]}, {"end"}),
        ("?days=7", {"days": ["7"]}, {"start", "end"}),
        ("?end=2027-02-01&page_size=20&include=keywords", {"end": ["2027-02-01"], "page_size": ["20"], "include": ["keywords"]}, {"start"}),
        ("?start=", {"start": [""]}, {"end"}),
        ("", {"include": ["location"]}, set()),
    ],
)  # fmt: skip
def test_what_the_address_asks_for_itself_stays(internet, api, query, kept, absent):
    api.says("/v1/event/", page())

    get(internet.guard(), f"https://api.example.org/v1/event/{query}")

    asked = parse_qs(api.heard[0].target.partition("?")[2], keep_blank_values=True)
    assert {name: asked.get(name) for name in kept} == kept
    assert asked.keys() & absent == set()


@pytest.mark.parametrize("meta_last", [False, True])
def test_pages_are_followed_to_the_last(internet, api, meta_last):
    padding = 'x "meta": {"next": "https://evil.example.org/"} ' * 200
    host = "https://api.example.org"
    api.says(
        "/v1/event/", page("x:1", following=f"{host}/v1/event/2?page=2", meta_last=meta_last, padding=padding)
    )
    api.says("/v1/event/2", page("x:2", following="/v1/event/3?page=3", meta_last=meta_last, padding=padding))
    api.says("/v1/event/3", page("x:3", meta_last=meta_last, padding=padding))

    got = get(internet.guard())

    assert uids(got) == ["x:1", "x:2", "x:3"]
    assert [each.target.partition("?")[2] for each in api.heard][1:] == ["page=2", "page=3"]
    assert internet.looked_up == ["api.example.org"]


def test_a_host_that_believes_that_it_speaks_plain_http_is_followed_by_https(internet, api):
    api.says("/v1/event/", page("x:1", following="http://api.example.org/v1/event/2"))
    api.says("/v1/event/2", page("x:2"))

    assert uids(get(internet.guard())) == ["x:1", "x:2"]
    assert internet.connected == [("93.184.216.1", 443)] * 2


@pytest.mark.parametrize("following", [
    "https://evil.example.org/v1/event/", "http://127.0.0.1/", "//169.254.169.254/", "ftp://api.example.org/", "https://[",
    "https://api.example.org.evil.org/", "https://api.example.org@evil.org/", "https://api example.org/",
])  # fmt: skip
def test_another_host_is_not_followed(internet, api, following):
    api.says("/v1/event/", page("x:1", following=following))
    internet.host("evil.example.org").says("/v1/event/", page("x:2"))

    assert fault(internet.guard()).problem.fault().what == "its next page lies on another host"
    assert internet.connected == [("93.184.216.1", 443)]


def test_a_list_without_an_end_is_left(internet, api):
    api.says("/v1/event/", page("x:1", following="/v1/event/?page=again"))

    assert fault(internet.guard()).problem.fault().what == f"it has more than {MAX_PAGES} pages"
    assert len(api.heard) == MAX_PAGES


NO_LIST = "this is no list of events (/v1/event/)"


@pytest.mark.parametrize(
    ("says", "what"),
    [
        ({"status": 500}, "the host has trouble of its own (500)"),
        ({"status": 302, "Location": "https://127.0.0.1/"}, "it leads on to another address, and its host lies inside a private network"),
        ({"body": "<html>"}, "a web page came, most often one to log in on"),
        ({"body": ""}, "the host sends nothing"),
        ({"body": '{"detail": "Invalid page."}'}, NO_LIST),
        ({"body": '{"meta": {"next": 7}, "data": []}'}, NO_LIST),
        ({"body": '{"meta": {"next": nonsense}, "data": []}'}, NO_LIST),
        ({"body": "[]"}, NO_LIST),
    ],
)  # fmt: skip
def test_a_part_of_a_list_is_never_taken_for_the_whole(internet, api, says, what):
    api.says("/v1/event/", page("x:1", following="/v1/event/2"))
    api.says("/v1/event/2", answer(**says))

    assert fault(internet.guard()).problem.fault().what == what
