from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE
from bot.messages import Lane, Phrase, Place, Say
from bot.store.subscriptions import EVERYTHING
from tests.support import open_store

NOW = datetime(2026, 11, 25, 11, tzinfo=UTC)
IN_PRIVATE, IN_GROUPS = Say(Phrase("private")), Say(Phrase("groups"))


def hears(store, name, series, leads=BOTH, kind="private"):
    who = store.people.meet(Place("telegram", name, kind), language="fi", now=NOW)
    store.subscriptions.add(who.id, series, leads)
    return who.id


def remind(store, *, key="muistutus", series="ryhma", choices=BOTH, **more):
    return store.fan_out.reminder(
        key=key,
        series=series,
        choices=choices,
        say=IN_PRIVATE,
        in_groups=IN_GROUPS,
        occurrence=1,
        due=NOW,
        useful_until=NOW + timedelta(days=1),
        now=NOW,
        **more,
    )


def told(store):
    """Who would be told, and in which words."""
    ready = store.delivery.claim("telegram", now=NOW, most=1000)
    return {row.place.address: row.say.text.key for row in ready}


def test_people_and_groups_get_their_own_words(store):
    hears(store, "anna", "ryhma")
    hears(store, "talo", "ryhma", kind="group")
    hears(store, "kanava", "ryhma", kind="channel")
    remind(store)

    assert told(store) == {"anna": "private", "talo": "groups", "kanava": "groups"}


def test_everybody_hears_the_lead_they_chose(store):
    hears(store, "anna", "ryhma", DAY_BEFORE)
    hears(store, "bertil", "ryhma", HOURS_BEFORE)
    hears(store, "cecilia", "ryhma", BOTH)
    remind(store, choices=HOURS_BEFORE)

    assert told(store).keys() == {"bertil", "cecilia"}


def test_who_follows_everything_hears_of_each_public_series_once(store):
    hears(store, "talo", EVERYTHING, kind="group")
    store.subscriptions.add(store.people.find(Place("telegram", "talo", "group")).id, "ryhma")

    assert remind(store) == 1
    assert remind(store, key="toinen", series="palsta") == 1
    assert remind(store, key="kolmas", series=None) == 1


def test_what_is_not_public_reaches_those_who_named_it_and_no_channel(store):
    hears(store, "anna", "raati")
    hears(store, "talo", "raati", kind="group")
    hears(store, "kanava", "raati", kind="channel")
    hears(store, "kaikki", EVERYTHING, kind="group")
    remind(store, series="raati", public=False)

    assert told(store).keys() == {"anna", "talo"}


def test_the_silent_and_those_who_pause_are_left_in_peace(store):
    store.people.silence(hears(store, "anna", "ryhma"), "blocked")
    store.people.pause(hears(store, "bertil", "ryhma"), NOW + timedelta(minutes=1))
    store.people.pause(hears(store, "cecilia", "ryhma"), NOW)
    remind(store)

    assert told(store).keys() == {"cecilia"}


def test_a_piece_is_those_after_the_one_and_up_to_the_other(store):
    anna, *_, daniel, _ = (
        hears(store, name, "ryhma") for name in ("anna", "bertil", "cecilia", "daniel", "eva")
    )

    assert remind(store, after=anna, upto=daniel) == 3
    assert told(store).keys() == {"bertil", "cecilia", "daniel"}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 12), st.integers(1, 5), st.booleans())
def test_in_pieces_of_any_size_everybody_is_reminded_once(people, size, everything):
    store = open_store()
    store.begin()
    names = {f"p{number}" for number in range(people)}
    for name in sorted(names):
        hears(store, name, "ryhma")
    if everything:
        hears(store, "talo", EVERYTHING, kind="group")
    after, upto = 0, None
    while True:
        upto = store.subscriptions.end_of_piece("ryhma", after=after, most=size)
        remind(store, after=after, upto=upto)
        if upto is None:
            break
        after = upto
    again = remind(store)
    heard = told(store).keys()
    store.rollback()
    store.close()

    assert heard == names | ({"talo"} if everything else set())
    assert again == 0


@pytest.mark.parametrize("most", [1, 2, 7])
def test_a_broadcast_has_its_own_words_in_groups(store, most):
    hears(store, "anna", "ryhma")
    hears(store, "bertil", "ryhma")
    hears(store, "talo", "ryhma", kind="group")
    news = store.news.draft(1, "Hei!", now=NOW)
    store.news.confirm(news, public=True, now=NOW, due=NOW)
    while store.fan_out.broadcast(
        news.id, IN_PRIVATE, in_groups=IN_GROUPS, lane=Lane.BROADCAST, most=most, now=NOW
    ):
        pass

    assert told(store) == {"anna": "private", "bertil": "private", "talo": "groups"}


def test_what_people_did_not_choose_is_known_by_when_it_goes(store):
    anna = store.people.get(hears(store, "anna", "ryhma"))
    bertil = hears(store, "bertil", "ryhma")
    until = NOW + timedelta(days=3)
    store.outbox.invite(anna.id, "telegram", "a", IN_PRIVATE, not_before=NOW, useful_until=until)
    store.outbox.invite(
        anna.id, "telegram", "b", IN_PRIVATE, not_before=NOW - timedelta(days=9), useful_until=until
    )
    store.outbox.push(anna, "c", IN_PRIVATE, now=NOW, lane=Lane.NOTICE)
    store.outbox.flush()

    assert store.outbox.unchosen([anna.id, bertil], since=NOW - timedelta(days=7)) == {anna.id: [NOW]}
