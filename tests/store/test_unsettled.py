"""Which dates wait to be looked at, and why."""

import pytest

from tests.store.attending import DAY, HOUR, NOW, date, person, plan


@pytest.fixture
def anna(store):
    return person(store, "anna")


def unsettled(store):
    """All of them, each once."""
    found = []
    while (first := store.unsettled.first()) is not None:
        store.unsettled.settle(first)
        found.append(first)
    return found


@pytest.mark.parametrize("state", ["coming", "waiting", "offered"])
def test_what_somebody_leaves_who_is_erased(store, anna, state):
    trip, _, turn, _ = plan(
        store, date("a"), date("b"), date("turn", series="kastelu", signup=False), date("c")
    )
    store.sign_ups.add(trip, anna, state)
    store.shared_turns.take(turn, anna)
    store.sign_ups.add(trip, person(store, "bertil"), "waiting")
    store.people.forget(anna)

    assert unsettled(store) == [trip, turn]


def test_of_who_went_silent_only_what_is_offered_to_them(store, anna):
    trips = plan(store, date("a"), date("b"), date("c"))
    for trip, state in zip(trips, ("coming", "waiting", "offered"), strict=True):
        store.sign_ups.add(trip, anna, state)
    store.people.silence(anna, "blocked")

    assert unsettled(store) == [trips[2]]


@pytest.mark.parametrize(
    "change",
    [{"start": NOW + DAY + HOUR}, {"status": "cancelled"}, {"signup": False}, {"series": "kurssi"}],
    ids=["moved", "cancelled", "without places", "of another series"],
)
def test_a_date_that_is_another_if_anybody_is_on_its_list(store, anna, change):
    trip, _ = plan(store, date("a"), date("b"))
    store.sign_ups.add(trip, anna, "coming")
    plan(store, date("a", **change), date("b", **change))

    assert unsettled(store) == [trip]


def test_a_date_with_newcomers_of_whom_nobody_was_told(store, anna):
    known, unknown = plan(store, date("a"), date("b"))
    for each in (known, unknown):
        store.newcomers.add(each, anna, due=NOW)
    store.newcomers.set_due(known, None)
    plan(store, *(date(each, NOW + 2 * DAY) for each in "ab"))

    assert unsettled(store) == [unknown]


def test_another_name_or_place_of_a_date_is_none_of_it(store, anna):
    (trip,) = plan(store, date("a"))
    store.sign_ups.add(trip, anna, "waiting")
    plan(store, date("a", title={"fi": "Retki"}, place={"fi": "Ranta"}))

    assert unsettled(store) == []


def test_queues_of_series_with_another_limit(store, anna):
    queue, full, other = plan(store, date("a"), date("b"), date("c", series="kurssi"))
    for trip, state in ((queue, "waiting"), (full, "coming"), (other, "waiting")):
        store.sign_ups.add(trip, anna, state)
    store.unsettled.limits_changed(["retki"])

    assert unsettled(store) == [queue]


def test_it_goes_with_its_date(store, anna):
    (trip,) = plan(store, date("a"))
    store.sign_ups.add(trip, anna, "waiting")
    store.unsettled.limits_changed(["retki"])
    store.refreshing.drop_sources([], now=NOW)

    assert unsettled(store) == []
