from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE
from bot.core.schedule_diff import Step
from bot.messages import Lane, Phrase, Place, Say
from bot.store.audiences import Audience
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


# ---- areas, places and turns


def chooses(store, who, *areas):
    for area in areas:
        store.areas.add(who, area)


def occurrences(store, number=1):
    """Dates to take part in; give their numbers."""
    dates = [
        Occurrence(uid=str(each), recurrence_id=None, start=NOW, end=NOW, series="ryhma")
        for each in range(number)
    ]
    steps = [Step(None, None, it) for it in dates]
    return store.refreshing.apply("a.ics", steps, lambda _: (), now=NOW, settle=timedelta())


def test_of_an_area_those_hear_who_chose_it_or_none(store):
    hears(store, "anna", "ryhma")
    chooses(store, hears(store, "bertil", "ryhma"), "Kajaani", "Mikkeli")
    chooses(store, hears(store, "cecilia", "ryhma"), "Mikkeli")
    hears(store, "talo", "ryhma", kind="group")
    remind(store, area="Kajaani")

    assert told(store).keys() == {"anna", "bertil", "talo"}


def test_of_what_has_no_area_everybody_hears(store):
    chooses(store, hears(store, "anna", "ryhma"), "Mikkeli")
    remind(store)

    assert told(store).keys() == {"anna"}


def remind_own(store, having, occurrence, key="muistutus"):
    return store.fan_out.reminder_of_own(
        having,
        key=key,
        series="ryhma",
        say=Say(Phrase("own")),
        occurrence=occurrence,
        useful_until=NOW + timedelta(days=1),
        now=NOW,
    )


def test_who_has_a_place_is_reminded_whatever_they_hear_of_and_once(store):
    (date,) = occurrences(store)
    for name, state in (("anna", "coming"), ("bertil", "waiting"), ("cecilia", "coming")):
        who = store.people.meet(Place("telegram", name), language="fi", now=NOW)
        store.sign_ups.add(date, who.id, state)
    store.sign_ups.remind(store.people.find(Place("telegram", "cecilia")).id, reminded=False)
    hears(store, "anna", "ryhma")
    hears(store, "daniel", "ryhma")
    remind_own(store, "place", date)
    remind(store)

    assert told(store) == {"anna": "own", "daniel": "private"}


def test_of_a_turn_its_taker_is_reminded(store):
    first, second = occurrences(store, 2)
    store.shared_turns.take(first, hears(store, "anna", "muu"))
    store.shared_turns.take(second, hears(store, "bertil", "ryhma"))

    assert remind_own(store, "turn", first) == 1
    assert told(store) == {"anna": "own"}


@pytest.mark.parametrize("away", ["silent", "paused"])
def test_the_silent_and_those_who_pause_are_not_reminded_of_their_own_either(store, away):
    (date,) = occurrences(store)
    anna = hears(store, "anna", "muu")
    store.shared_turns.take(date, anna)
    if away == "silent":
        store.people.silence(anna, "blocked")
    else:
        store.people.pause(anna, NOW + timedelta(minutes=1))

    assert remind_own(store, "turn", date) == 0


# ---- changes


def tell(store, audience, *dates, after=0, upto=None, lane=Lane.NOTICE):
    """Tell of a change of some dates."""
    change = store.changes.first_due(NOW)
    if change is None:
        for row in [store.refreshing.stored("a.ics", after=date - 1, most=1)[0] for date in dates]:
            moved = replace(row.it, start=NOW + timedelta(days=2), end=NOW + timedelta(days=2))
            store.changes.note(row.id, row.it, moved, now=NOW, settle=timedelta(), always=True)
        change = store.changes.first_due(NOW)
        store.changes.begin(change, store.changes.beside(change, now=NOW), now=NOW)
    change = store.changes.first_due(NOW)
    return store.fan_out.change(
        change.id,
        audience,
        key=f"change:{change.id}",
        say=IN_PRIVATE,
        in_groups=IN_GROUPS,
        lane=lane,
        occurrence=dates[0],
        useful_until=NOW + timedelta(days=1),
        now=NOW,
        after=after,
        upto=upto,
    )


def test_of_a_change_those_hear_who_hear_of_the_series_or_come(store):
    first, second, other = occurrences(store, 3)
    hears(store, "anna", "ryhma", DAY_BEFORE)
    hears(store, "talo", EVERYTHING, kind="group")
    store.sign_ups.add(first, hears(store, "bertil", "muu"), "waiting")
    store.newcomers.add(second, hears(store, "cecilia", "muu"), due=NOW)
    store.sign_ups.add(other, hears(store, "daniel", "muu"), "coming")
    tell(store, Audience("ryhma"), first, second)

    assert told(store) == {
        "anna": "private", "bertil": "private", "cecilia": "private", "talo": "groups"
    }  # fmt: skip


def test_of_a_change_for_members_no_channel_hears(store):
    (date,) = occurrences(store)
    hears(store, "anna", "ryhma")
    hears(store, "kanava", "ryhma", kind="channel")
    hears(store, "kaikki", EVERYTHING, kind="group")
    tell(store, Audience("ryhma", public=False), date)

    assert told(store).keys() == {"anna"}


def test_of_a_change_elsewhere_those_hear_who_come_there(store):
    (date,) = occurrences(store)
    for name in ("anna", "bertil"):
        chooses(store, hears(store, name, "ryhma"), "Mikkeli")
    store.newcomers.add(date, store.people.find(Place("telegram", "bertil")).id, due=NOW)
    tell(store, Audience("ryhma", area="Kajaani"), date)

    assert told(store).keys() == {"bertil"}


def test_of_a_changed_turn_its_taker_alone_hears(store):
    (date,) = occurrences(store)
    hears(store, "anna", "ryhma")
    store.shared_turns.take(date, hears(store, "bertil", "muu"))
    tell(store, Audience("ryhma", turns_shared=True), date)

    assert told(store).keys() == {"bertil"}


def test_a_pause_keeps_away_what_one_hears_of_but_not_a_change_of_what_one_takes_part_in(store):
    (date,) = occurrences(store)
    for name in ("anna", "bertil", "cecilia"):
        store.people.pause(hears(store, name, "ryhma"), NOW + timedelta(minutes=1))
    store.sign_ups.add(date, store.people.find(Place("telegram", "bertil")).id, "waiting")
    store.newcomers.add(date, store.people.find(Place("telegram", "cecilia")).id, due=NOW)
    store.people.silence(store.people.find(Place("telegram", "cecilia")).id, "blocked")
    tell(store, Audience("ryhma"), date)

    assert told(store).keys() == {"bertil"}


def test_a_piece_of_a_change_is_those_after_the_one_and_up_to_the_other(store):
    (date,) = occurrences(store)
    anna, bertil, _ = (hears(store, name, "ryhma") for name in ("anna", "bertil", "cecilia"))

    assert tell(store, Audience("ryhma"), date, upto=anna) == 1
    assert tell(store, Audience("ryhma"), date, after=anna, upto=bertil) == 1
    assert tell(store, Audience("ryhma"), date, after=bertil) == 1
    assert told(store).keys() == {"anna", "bertil", "cecilia"}


def test_who_stops_hears_of_no_queued_change_either(store):
    (date,) = occurrences(store)
    anna = hears(store, "anna", "ryhma")
    tell(store, Audience("ryhma"), date)
    store.subscriptions.remove(anna, "ryhma")

    assert told(store) == {}


def test_what_is_queued_of_an_earlier_change_can_be_withheld_and_its_reminders_stay(store):
    (date,) = occurrences(store)
    hears(store, "anna", "ryhma")
    store.fan_out.reminder(
        key="r", series="ryhma", choices=BOTH, say=Say(Phrase("reminder")), occurrence=date, due=NOW,
        useful_until=NOW + timedelta(days=1), now=NOW,
    )  # fmt: skip
    tell(store, Audience("ryhma"), date)

    assert not store.outbox.withhold("change:9:", now=NOW)
    assert store.outbox.withhold("change:1:", now=NOW)
    assert told(store) == {"anna": "reminder"}


def test_what_was_cancelled_takes_back_its_reminders_and_no_change(store):
    (date,) = occurrences(store)
    hears(store, "anna", "ryhma")
    tell(store, Audience("ryhma"), date)
    store.outbox.drop_occurrence(date)

    assert told(store) == {"anna": "private"}
