"""Events as a Linked Events API lists them become occurrences, and no nonsense stops those beside it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.errors import Fault
from schedules.calendars.linked_events import read_linked_events
from schedules.calendars.reading import Reading

HELSINKI = ZoneInfo("Europe/Helsinki")
WINDOW = (datetime(2026, 12, 31, 22, tzinfo=UTC), datetime(2027, 12, 31, 22, tzinfo=UTC))
SAMPLE = Path(__file__).parents[2] / "data" / "linked_events.json"
ANEW = "Ask whoever keeps the event to write it anew."


def read(data, window=WINDOW, language="fi"):
    if not isinstance(data, bytes):
        data = orjson.dumps(data)
    return read_linked_events(
        data, source="address 1 (api.example.org)", zone=HELSINKI, window=window, language=language
    )


def event(uid="x:1", **fields):
    return {"id": uid, "start_time": "2027-09-15T08:00:00Z", "end_time": "2027-09-15T11:00:00Z", **fields}


def page(*events):
    return {"meta": {"count": len(events), "next": None, "previous": None}, "data": [*events]}


def only(**fields):
    """The one occurrence of an event with these fields, and what is odd about it."""
    reading = read(page(event(**fields)))
    (occurrence,) = reading.occurrences
    return occurrence, [each.what for each in faults(reading)]


def faults(reading):
    return [each.fault() for each in reading.problems]


def at(day, hour):
    return datetime(2027, 9, day, hour, tzinfo=UTC)


# ---- one event -----------------------------------------------------------------------------------------------


def test_the_sample_is_one_meeting():
    assert read(SAMPLE.read_bytes()) == Reading((
        Occurrence(
            uid="esimerkki:abc123",
            recurrence_id=None,
            start=at(15, 8),
            end=at(15, 11),
            title={"fi": "Halaa sossua!", "sv": "Krama socialen!"},
            place={"fi": "Aula"},
        ),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("2027-09-15T08:00:00Z", "2027-09-15T11:00:00Z", (at(15, 8), at(15, 11), False)),
        ("2027-09-15T11:00:00+03:00", "2027-09-15T11:00:00.000Z", (at(15, 8), at(15, 11), False)),
        ("2027-09-15T08:00:00", "2027-09-15T11:00:00", (at(15, 8), at(15, 11), False)),
        ("2027-09-15T08:00:00Z", None, (at(15, 8), at(15, 8), False)),
        ("2027-09-15", None, (at(14, 21), at(15, 21), True)),
        ("2027-09-15", "2027-09-15", (at(14, 21), at(15, 21), True)),
        ("2027-09-15", "2027-09-17", (at(14, 21), at(17, 21), True)),
        ("2027-09-15T08:00:00Z", "2027-09-17", (at(14, 21), at(17, 21), True)),
        ("2027-09-15", "2027-09-16T21:30:00Z", (at(14, 21), at(17, 21), True)),
    ],
)
def test_times_are_utc_or_days_and_the_last_day_belongs_to_it(start, end, span):
    found, odd = only(start_time=start, end_time=end)

    assert (found.start, found.end, found.all_day) == span
    assert odd == []


def test_a_day_on_which_the_clocks_are_turned_is_longer():
    found, _ = only(start_time="2027-10-31", end_time=None)

    assert (found.end - found.start).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("said", "status", "odd"),
    [
        ("EventScheduled", "confirmed", []),
        ("EventRescheduled", "confirmed", []),
        ("EventCancelled", "cancelled", []),
        ("EventPostponed", "tentative", []),
        (None, "confirmed", []),
        ("EventMovedOnline", "confirmed", ["x:1: its status is none that is known"]),
        (["EventCancelled"], "confirmed", ["x:1: its status is none that is known"]),
    ],
)
def test_its_status_is_ours(said, status, odd):
    found, heard = only(event_status=said)

    assert (found.status, heard) == (status, odd)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ({"fi": "Kahvit", "sv": "Kaffe", "en": "Coffee"}, {"fi": "Kahvit", "sv": "Kaffe", "en": "Coffee"}),
        ({"sv": "Kaffe"}, {"sv": "Kaffe"}),
        ({"fi": None, "en": " Coffee\n\u202etime "}, {"en": "Coffee time"}),
        ("Kahvit", {"fi": "Kahvit"}),
        (None, {}),
        ({"fi": "", "x-default": "y", "FI": "z"}, {}),
        ({"fi": "<b>Kahvit</b> & kakku"}, {"fi": "<b>Kahvit</b> & kakku"}),
        ([{"fi": "Kahvit"}], {}),
    ],
)
def test_texts_are_in_the_languages_that_there_are(name, title):
    found, odd = only(name=name)

    assert (found.title, odd) == (title, [])


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"location": {"@id": "x", "name": {"fi": "Kirjasto", "sv": "Biblioteket"}}}, {"fi": "Kirjasto", "sv": "Biblioteket"}),
        ({"location": {"name": {"fi": "Kirjasto", "sv": "Biblioteket"}}, "location_extra_info": {"fi": "2. krs"}},
         {"fi": "Kirjasto, 2. krs", "sv": "Biblioteket"}),
        ({"location": {"name": {"fi": "Kirjasto"}}, "location_extra_info": {"fi": "Aula", "sv": "Aulan"}},
         {"fi": "Kirjasto, Aula", "sv": "Kirjasto, Aulan"}),
        ({"location": {"@id": "x"}, "location_extra_info": None}, {}),
        ({"location": None}, {}),
        ({"location": "Kirjasto"}, {}),
    ],
)  # fmt: skip
def test_the_place_is_named_with_where_in_it(fields, place):
    assert only(**fields)[0].place == place


def test_nothing_of_persons_and_no_description_is_read():
    canary = "Kanarialintu Virtanen, kanaria@example.org"
    fields = (
        "description", "short_description", "provider", "provider_contact_info", "user_name", "user_email", "created_by",
        "last_modified_by", "publisher", "custom_data", "info_url", "audience", "user_phone_number",
    )  # fmt: skip
    personal = {name: {"fi": canary} for name in fields}

    reading = read(page(event(**personal), {**event("x:2"), **personal, "start_time": "?"}))

    assert len(reading.occurrences) == len(reading.problems) == 1
    assert canary not in repr(reading)


# ---- which events --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [
    {"super_event_type": "recurring"}, {"super_event_type": "umbrella"}, {"deleted": True},
    {"event_status": "EventPostponed", "start_time": None}, {"event_status": "EventCancelled", "start_time": None},
])  # fmt: skip
def test_parents_and_what_has_no_time_any_more_are_left_out_in_silence(fields):
    assert read(page(event(**fields))) == Reading(())


def test_what_has_parents_is_listed():
    child = event("x:2", super_event={"@id": "https://api.example.org/v1/event/x:1/"}, super_event_type=None)

    assert [each.uid for each in read(page(event(super_event_type="recurring"), child)).occurrences] == [
        "x:2"
    ]


def test_only_what_lies_in_the_window_is_listed_by_its_start():
    days = ["2026-12-31", "2027-12-31", "2028-01-01", "2027-01-01", "2020-01-01"]

    reading = read(page(*(event(f"x:{day}", start_time=day, end_time=None) for day in days)))

    assert [each.uid for each in reading.occurrences] == ["x:2027-01-01", "x:2027-12-31"]


def test_several_pages_are_one_list_and_what_is_on_two_counts_once():
    pages = [page(event("x:1"), event("x:2")), page(event("x:2", name={"fi": "uusi"}), event("x:3"))]

    reading = read(pages)

    assert [(each.uid, each.title) for each in reading.occurrences] == [
        ("x:1", {}),
        ("x:2", {"fi": "uusi"}),
        ("x:3", {}),
    ]


# ---- what is wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (event(name={"fi": "Kahvit"}, start_time=None), "'Kahvit' (x:1): it has no time"),
        (event(start_time="huomenna"), "x:1: its time cannot be read"),
        (event(start_time=1_800_000_000), "x:1: it has no time"),
        (event(end_time="2027-13-45"), "x:1: its time cannot be read"),
        (event(start_time="0001-01-01", end_time=None), "x:1: its time lies beyond all calendars"),
        (event(start_time="9999-12-31", end_time=None), "x:1: its time lies beyond all calendars"),
        (event(start_time="0001-01-01T00:00:00+12:00"), "x:1: its time lies beyond all calendars"),
        (event(uid=None), "no id: it has no id"),
        (event(uid="\u200b"), "no id: it has no id"),
        (event(uid=7), "no id: it has no id"),
        ("x:1", "an event: it is no event"),
        (None, "an event: it is no event"),
        ([], "an event: it is no event"),
    ],
)
def test_a_broken_event_is_named_and_those_beside_it_are_kept(broken, what):
    reading = read(page(event("x:0"), broken, event("x:9")))

    assert [each.uid for each in reading.occurrences] == ["x:0", "x:9"]
    assert faults(reading) == [Fault("address 1 (api.example.org)", what, ANEW)]


@pytest.mark.parametrize(
    ("start", "end", "kept_end"),
    [
        ("2027-09-15T08:00:00Z", "2027-09-15T07:00:00Z", at(15, 8)),
        ("2027-09-15", "2027-09-14", at(15, 21)),
        ("2027-09-15", "2027-09-01", at(15, 21)),
    ],
)
def test_what_ends_before_it_begins_is_kept_and_said(start, end, kept_end):
    found, odd = only(start_time=start, end_time=end)

    assert (found.end, odd) == (kept_end, ["x:1: it ends before it begins"])


@pytest.mark.parametrize(
    "data",
    [b"", b"nonsense", b"{}", b"[[]]", b"null", b"7", b'{"data": {}}', b'{"data": null}', b'[{"data": []}, 1]', b'{"data": [',
     b'{"detail": "Not found."}', b"\xff\xfe", b"[" * 100_000, b'{"data": [NaN]}', b'{"data": ["\\ud800"]}'],
)  # fmt: skip
def test_what_is_no_list_of_events_is_said_to_be_none(data):
    reading = read(data)

    assert (reading.occurrences, faults(reading)) == (
        (),
        [
            Fault(
                "address 1 (api.example.org)",
                "this is no list of events (/v1/event/)",
                "Check the address: its path ends in /v1/event/.",
            )
        ],
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["2027-09-15", "2027-09-15T08:00:00Z", "EventCancelled", "recurring", "x:1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.sampled_from(["fi", "sv"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = ("id", "start_time", "end_time", "event_status", "super_event_type", "deleted", "name", "location", "location_extra_info")  # fmt: skip
nonsense = json_values | st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, json_values))


@given(st.lists(nonsense, max_size=4))
def test_no_nonsense_hides_a_good_event(odd):
    reading = read(
        json.dumps([page(event("x:good"), *odd), page(*odd, event("x:good"))]).encode("utf-8", "replace")
    )

    assert "x:good" in {each.uid for each in reading.occurrences}
    assert all(each.what and each.mend for each in faults(reading))


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_comes_raises(data):
    reading = read(data)

    assert reading.occurrences == ()
