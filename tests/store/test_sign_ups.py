import pytest

from bot.core.waiting_list import Entry
from bot.store.schedule_models import occurrence, sign_up
from bot.store.sign_ups import SignedUp
from tests.store.attending import DAY, HOUR, NOW, date, person, plan


@pytest.fixture
def trip(store):
    return plan(store, date("retki"))[0]


def states(store, which):
    return [(each.who, each.state) for each in store.sign_ups.on(which)]


def test_people_stand_in_the_order_in_which_they_came_and_once(store, trip):
    anna, bertil = person(store, "anna"), person(store, "bertil")
    store.sign_ups.add(trip, bertil, "coming")
    store.sign_ups.add(trip, anna, "waiting")
    store.sign_ups.add(trip, bertil, "waiting")

    assert states(store, trip) == [(bertil, "coming"), (anna, "waiting")]


def test_an_offer_is_kept_with_its_end_and_that_goes_with_it(store, trip):
    anna = person(store, "anna")
    store.sign_ups.add(trip, anna, "waiting")
    (entry,) = store.sign_ups.on(trip)
    store.sign_ups.change(entry.id, "offered", until=NOW + HOUR)
    offered = store.sign_ups.on(trip)
    ends = store.sign_ups.next_end()
    store.sign_ups.change(entry.id, "coming")

    assert offered == [Entry(entry.id, anna, "offered", NOW + HOUR)]
    assert ends == NOW + HOUR
    assert store.sign_ups.on(trip) == [Entry(entry.id, anna, "coming")]
    assert store.sign_ups.next_end() is None


def test_offers_that_are_over_are_found(store):
    here, there, elsewhere = plan(store, date("a"), date("b"), date("c"))
    for each, name in ((here, "anna"), (there, "anna"), (elsewhere, "anna")):
        store.sign_ups.add(each, person(store, name), "coming")
    store.sign_ups.change(store.sign_ups.on(here)[0].id, "offered", until=NOW)
    store.sign_ups.change(store.sign_ups.on(there)[0].id, "offered", until=NOW + HOUR)

    assert store.sign_ups.with_offers_over(NOW) == [here]


def test_who_went_silent_cannot_be_told(store, trip):
    anna = person(store, "anna")
    store.sign_ups.add(trip, anna, "waiting")
    store.people.silence(anna, "blocked")

    assert [each.reachable for each in store.sign_ups.on(trip)] == [False]


def test_somebodys_places_are_given_by_date(store):
    late, soon = plan(store, date("b", NOW + 2 * DAY), date("a"))
    anna = person(store, "anna")
    store.sign_ups.add(late, anna, "coming")
    store.sign_ups.add(soon, anna, "waiting")
    store.sign_ups.add(soon, person(store, "bertil"), "coming")

    assert store.sign_ups.of(anna) == [SignedUp(soon, "waiting"), SignedUp(late, "coming")]


def test_what_one_can_sign_up_for_is_listed_for_whom_it_is_for(store):
    plan(
        store,
        date("julkinen", NOW + 3 * DAY),
        date("jäsenten", NOW + DAY, visibility="members", series="raati"),
        date("muiden", NOW + DAY, visibility="members", series="muu"),
        date("työn", NOW + 2 * DAY, visibility="staff"),
        date("vapaa", NOW + DAY, signup=False),
        date("peruttu", NOW + DAY, status="cancelled"),
        date("alkanut", NOW),
    )

    def listed(**values):
        found = store.sign_ups.ahead(NOW, most=9, **values)
        return [each.it.uid for each in found]

    assert listed(members_of=(), staff=False) == ["julkinen"]
    assert listed(members_of=("raati",), staff=False) == ["jäsenten", "julkinen"]
    assert listed(members_of=("raati",), staff=True) == ["jäsenten", "työn", "julkinen"]
    assert [each.it.uid for each in store.sign_ups.ahead(NOW, members_of=(), staff=True, most=1, skip=1)] == [
        "julkinen"
    ]


def test_lopeta_means_the_reminders_of_ones_places_too_and_a_new_choice_wakes_them(store):
    trip, other = plan(store, date("retki"), date("muu", series="muu"))
    anna, bertil = person(store, "anna"), person(store, "bertil")
    for each, who in ((trip, anna), (other, anna), (trip, bertil)):
        store.sign_ups.add(each, who, "coming")

    def reminded():
        rows = store.run(sign_up.select()).all()
        return {(row.occurrence, row.conversation) for row in rows if row.reminded}

    store.subscriptions.remove(anna, "retki")
    without_one = reminded()
    store.subscriptions.remove(anna)
    without_any = reminded()
    store.subscriptions.add(anna, "retki")

    assert without_one == {(other, anna), (trip, bertil)}
    assert without_any == {(trip, bertil)}
    assert reminded() == {(trip, anna), (trip, bertil)}


def test_lists_go_when_their_event_is_over_with_its_date_and_with_the_person(store):
    over, ahead = plan(store, date("eilen", NOW - DAY), date("huomenna"))
    anna, bertil = person(store, "anna"), person(store, "bertil")
    for each in (over, ahead):
        store.sign_ups.add(each, anna, "coming")
        store.sign_ups.add(each, bertil, "waiting")
    store.sign_ups.delete_ended(NOW)
    after_the_event = [states(store, over), states(store, ahead)]
    store.people.forget(anna)
    after_the_person = states(store, ahead)
    store.run(occurrence.delete())

    assert after_the_event == [[], [(anna, "coming"), (bertil, "waiting")]]
    assert after_the_person == [(bertil, "waiting")]
    assert store.sign_ups.of(bertil) == []
