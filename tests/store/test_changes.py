from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.occurrences import Occurrence
from bot.core.schedule_changes import Unheard, known_of
from bot.core.schedule_diff import Step
from bot.messages import Place
from bot.store.audiences import Audience
from bot.store.news import Readers

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = NOW + 3 * DAY
FAR = NOW + 60 * DAY


def meeting(uid="ryhma", start=START, **values):
    return Occurrence(
        uid=uid,
        recurrence_id=None,
        start=start,
        **{"end": start + 2 * HOUR, "series": "ryhma", "place": {"fi": "Talo"}, **values},
    )


def planned(store, *dates):
    """Put dates into the table; give their numbers."""
    steps = [Step(None, None, it) for it in dates]
    return store.refreshing.apply("a.ics", steps, lambda _: (), now=NOW, settle=MINUTE)


def becomes(store, row, *, now=NOW, by_organizer=False, **values):
    """A date changes."""
    before = store.calendar.get(row).it
    step = Step(row, before, replace(before, **values))
    store.refreshing.apply("a.ics", [step], lambda _: (), now=now, settle=MINUTE, by_organizer=by_organizer)


def waiting(store, now=NOW + DAY):
    """What waits to be told: rows with what people know and what is now."""
    found = []
    while change := store.changes.first_due(now):
        found.append((change.kept.id, change.before, change.after))
        store.changes.done([change.id])
    return found


LATER = {"start": START + HOUR, "end": START + 3 * HOUR}


def test_a_change_of_what_is_near_waits_until_it_has_settled(store):
    (row,) = planned(store, meeting())
    becomes(store, row, **LATER)
    due = store.changes.next_due()

    assert due == NOW + MINUTE
    assert store.changes.first_due(due - MINUTE / 2) is None
    assert waiting(store) == [(row, known_of(meeting()), known_of(meeting(**LATER)))]


def test_what_is_new_in_a_calendar_is_not_told(store):
    planned(store, meeting())

    assert store.changes.next_due() is None


@pytest.mark.parametrize(
    "changed", [{"title": {"fi": "Nimi"}}, {"end": START + HOUR * 2.2}, {"status": "tentative"}]
)
def test_what_does_not_matter_is_not_told(store, changed):
    (row,) = planned(store, meeting())
    becomes(store, row, **changed)

    assert store.changes.next_due() is None


def test_a_change_of_a_change_joins_it(store):
    (row,) = planned(store, meeting())
    becomes(store, row, **LATER)
    becomes(store, row, now=NOW + MINUTE / 2, place={"fi": "Puisto"})

    assert store.changes.next_due() == NOW + 1.5 * MINUTE
    assert waiting(store) == [(row, known_of(meeting()), known_of(meeting(place={"fi": "Puisto"}, **LATER)))]


def test_what_is_back_as_it_was_is_not_told(store):
    (row,) = planned(store, meeting())
    becomes(store, row, status="cancelled")
    becomes(store, row, status="confirmed")

    assert store.changes.next_due() is None


def test_of_what_is_far_and_known_to_nobody_people_are_not_told(store):
    (row,) = planned(store, meeting(start=FAR))
    becomes(store, row, status="cancelled")

    assert store.changes.next_due() is None


@pytest.mark.parametrize("how", ["organizer", "reminded", "takes part", "near now", "told before"])
def test_of_what_is_far_people_are_told_if_it_concerns_them(store, how):
    (row,) = planned(store, meeting(start=FAR))
    values = {"status": "cancelled"}
    if how == "takes part":
        anna = store.people.meet(Place("telegram", "anna"), language="fi", now=NOW)
        store.sign_ups.add(row, anna.id, "waiting")
    elif how == "reminded":
        alarm(store, row)
    elif how == "near now":
        values = {"start": START, "end": START + HOUR}
    elif how == "told before":
        becomes(store, row, by_organizer=True, place={"fi": "Puisto"})
        change = store.changes.first_due(NOW + DAY)
        store.changes.begin(change, [change], now=NOW)
        store.changes.done([change.id])
    becomes(store, row, by_organizer=how == "organizer", **values)

    assert len(waiting(store)) == 1


def alarm(store, row):
    """Somebody was reminded of it."""
    store._cursor.execute(
        f"INSERT INTO alarm (occurrence, start, lead, choices, due, state) VALUES ({row}, 0, 0, 3, 0, 1)"
    )


def test_what_would_have_begun_already_is_not_told(store):
    (row,) = planned(store, meeting())
    becomes(store, row, now=START, status="cancelled")

    assert store.changes.next_due() is None


def test_what_becomes_useless_before_it_is_told_is_forgotten(store):
    (row,) = planned(store, meeting())
    becomes(store, row, **LATER)
    becomes(store, row, now=START, status="cancelled")

    assert store.changes.next_due() is None


def test_once_told_people_know_it_as_told(store):
    (row,) = planned(store, meeting())
    becomes(store, row, status="cancelled")
    change = store.changes.first_due(NOW + DAY)
    store.changes.begin(change, [change], now=NOW + MINUTE)
    begun = store.changes.first_due(NOW + MINUTE)
    becomes(store, row, now=NOW + 2 * MINUTE, status="confirmed")
    store.changes.done([change.id])

    assert (begun.id, begun.begun) == (change.id, True)
    assert store.changes.known(row) == (True, known_of(meeting(status="cancelled")))
    assert waiting(store) == [(row, known_of(meeting(status="cancelled")), known_of(meeting()))]


def test_what_changes_again_before_its_rows_are_made_is_told_as_it_is_to_all_who_got_none(store):
    (row,) = planned(store, meeting())
    becomes(store, row, **LATER)
    change = store.changes.first_due(NOW + DAY)
    store.changes.begin(change, [change], now=NOW)
    store.changes.reach(change.id, 17)
    becomes(store, row, status="cancelled")
    anew = store.changes.first_due(NOW + DAY)

    assert (anew.id != change.id, anew.reached, anew.begun) == (True, 0, False)
    assert anew.unheard == (Unheard(change.id, known_of(meeting())),)
    assert (anew.known_to(change.id), anew.known_to(None)) == (
        known_of(meeting(**LATER)),
        known_of(meeting()),
    )
    assert waiting(store) == [
        (row, known_of(meeting(**LATER)), known_of(meeting(**LATER, status="cancelled")))
    ]


def test_what_everybody_got_is_known_to_all(store):
    (row,) = planned(store, meeting())
    becomes(store, row, **LATER)
    change = store.changes.first_due(NOW + DAY)
    store.changes.begin(change, [change], now=NOW)
    store.changes.made(change.id, now=NOW)
    after = store.changes.next_due()
    becomes(store, row, status="cancelled")

    assert after is None
    assert store.changes.first_due(NOW + DAY).unheard == ()


def test_what_a_message_said_is_forgotten_after_a_week(store):
    rows = planned(store, meeting(), meeting("b", series="palsta"))
    for row in rows:
        becomes(store, row, **LATER)
    for now in (NOW + MINUTE, NOW + 8 * DAY):
        change = store.changes.first_due(now)
        store.changes.begin(change, [change], now=now)
        store.changes.made(change.id, now=now)
        left = [store.changes.told_with(number) for number in (1, 2)]

    assert left == [[], []]


def test_what_has_begun_to_be_told_goes_first(store):
    first, second = planned(store, meeting(), meeting("toinen", START + DAY))
    becomes(store, second, now=NOW - DAY, status="cancelled")
    becomes(store, first, **LATER)
    change = store.changes.first_due(NOW + DAY)
    store.changes.begin(change, [change], now=NOW + DAY)
    store.changes.reach(change.id, 17)
    going_on = store.changes.first_due(NOW + 2 * DAY)

    assert (going_on.id, going_on.reached, going_on.after.cancelled) == (change.id, 17, True)


def test_those_of_one_series_that_have_settled_are_told_together(store):
    rows = planned(
        store,
        meeting("c", START + DAY),
        meeting("a"),
        meeting("staff", visibility="staff"),
        meeting("area", area="Kajaani"),
        meeting("other", series="palsta"),
        meeting("late", START + 2 * DAY),
    )
    for number, row in enumerate(rows[:-1]):
        becomes(store, row, now=NOW + number * MINUTE / 100, status="cancelled")
    becomes(store, rows[-1], now=NOW + 2 * MINUTE, status="cancelled")
    now = NOW + 2 * MINUTE
    change = store.changes.first_due(now)
    together = store.changes.beside(change, now=now)
    store.changes.begin(change, together, now=now)

    assert change.kept.it.uid == "c"
    assert [each.kept.it.uid for each in together] == ["a", "c"]
    assert store.changes.told_with(change.id) == [
        replace(each, begun=True, due=now if each.id == change.id else None) for each in together
    ]


def test_some_are_looked_at_again_later(store):
    (row,) = planned(store, meeting())
    becomes(store, row, status="cancelled")
    change = store.changes.first_due(NOW + MINUTE)
    store.changes.put_off([change], NOW + HOUR)

    assert store.changes.next_due() == NOW + HOUR


def test_what_leaves_the_schedule_is_not_told(store):
    (row,) = planned(store, meeting())
    becomes(store, row, status="cancelled")
    store.refreshing.drop_sources([], now=NOW)

    assert store.changes.next_due() is None


# ---- whom


def hears(store, name, series="ryhma", kind="private"):
    who = store.people.meet(Place("telegram", name, kind), language="fi", now=NOW)
    store.subscriptions.add(who.id, series)
    return who.id


def test_readers_are_counted_once_whatever_they_hear_of(store):
    first, second = planned(store, meeting(), meeting("toinen", series="palsta"))
    anna = hears(store, "anna")
    store.subscriptions.add(anna, "palsta")
    store.sign_ups.add(first, anna, "coming")
    store.newcomers.add(second, hears(store, "bertil", "muu"), due=NOW)
    hears(store, "talo", "*", kind="group")
    store.people.pause(hears(store, "cecilia"), NOW + DAY)
    store.people.set_named(anna, named=True)
    told = [(Audience("ryhma"), [first]), (Audience("palsta"), [second])]

    assert store.changes.readers(told, now=NOW) == Readers(people=2, groups=1, unnamed=1)
    assert store.changes.readers([], now=NOW) == Readers()


def test_of_a_shared_turn_its_taker_alone_is_told(store):
    (row,) = planned(store, meeting())
    hears(store, "anna")
    store.shared_turns.take(row, hears(store, "bertil", "muu"))

    assert store.changes.readers([(Audience("ryhma", turns_shared=True), [row])], now=NOW) == Readers(
        1, unnamed=1
    )
