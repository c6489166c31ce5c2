"""A trip with two places, from the first who signs up to what becomes of its date."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions.places import sign_up
from bot.core.reminders import alarms_of
from bot.messages import Place
from bot.store.engine import Database
from bot.store.vault import Vault
from tests.handlers.attending import DAY, HOUR, SOON, TRIP, chat_with_series, presses_of
from tests.handlers.houses import event
from tests.schedules.test_places import OFFER, looks, starts, states, trip_with_a_queue
from tests.support import NOW, empty_database, sample_house


def says(chat, start, **values):
    """The calendar says this of the trip; people have a minute to be told otherwise."""
    house = chat.house
    with chat.transaction() as store:
        store.refreshing.refresh(
            "test",
            [replace(event("Retki", start, series=TRIP.id, signup=True, **values), uid="retki-0")],
            lambda it: alarms_of(
                it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone
            ),
            now=chat.now,
            settle=timedelta(minutes=1),
        )


def hears(chat, *, to=None):
    """What everybody hears until then: who, and the first line."""
    heard = chat.ticks(to=to or chat.now + timedelta(minutes=2))
    return [(each.who, each.text.splitlines()[0]) for each in heard]


def planned(*names):
    """The trip with its reminders; these people ask for a place one after the other."""
    chat = chat_with_series(TRIP)
    says(chat, SOON)
    with chat.transaction() as store:
        (trip,) = (each.id for each in store.calendar.coming(NOW, series=TRIP.id))
    for name in names:
        presses_of(chat, name, "sign.up", trip)
    return chat, trip


@pytest.mark.parametrize("platforms", [("telegram", "matrix"), ("matrix", "web")])
async def test_of_two_who_press_at_once_on_two_platforms_one_has_the_last_place(tmp_path, platforms):
    house = replace(sample_house().house, series={TRIP.id: replace(TRIP, places_limit=1)})
    database = Database(empty_database(tmp_path / "vertti.db"), Vault(bytes(32)))
    database.open()

    def plan(store):
        date = event("Retki", SOON, series=TRIP.id, signup=True)
        store.refreshing.refresh("test", [date], lambda _: (), now=NOW)
        return store.calendar.coming(NOW, series=TRIP.id)[0]

    kept = await database.write(plan)

    def press(platform):
        def work(store):
            who = store.people.meet(Place(platform, "anna"), language="fi", now=NOW)
            return sign_up(store, house, kept, who, now=NOW).state

        return work

    found = await database.write_all([press(each) for each in platforms])
    database.close()

    assert found == ["coming", "waiting"]


def test_where_the_limit_is_smaller_than_the_takers_nobody_is_asked_until_there_is_room():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia")
    chat.house = replace(chat.house, series={TRIP.id: replace(TRIP, places_limit=1)})
    chat.understanding = replace(chat.understanding, house=chat.house)
    lowered = starts(chat), states(chat, trip)
    presses_of(chat, "anna", "sign.off", trip)
    one_less = looks(chat), states(chat, trip)
    room = presses_of(chat, "bertil", "sign.off", trip)

    assert lowered == ([], ["coming", "coming", "waiting"])
    assert one_less == ([], ["coming", "waiting"])
    assert [each.who for each in room if each.text.startswith(OFFER)] == ["cecilia"]


def test_an_answer_after_the_end_of_the_offer_takes_what_is_still_free_and_else_waits_again():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    presses_of(chat, "anna", "sign.off", trip)
    chat.ticks(to=NOW + DAY)  # cecilia's offer ends, daavid is asked
    (late,) = presses_of(chat, "cecilia", "sign.take", trip)
    (again,) = chat.presses("cecilia", "Jonoon")

    assert late.text == "Paikka meni jo toiselle.\nHaluatko jonoon?"
    assert again.text.splitlines()[1] == "Olet jonossa. Numerosi on 1."


def test_on_another_day_places_and_queue_hold_and_all_of_them_are_told():
    chat, trip = planned("anna", "bertil", "cecilia")
    says(chat, SOON + 4 * DAY)
    told = hears(chat)
    old_day = hears(chat, to=SOON)
    reminded = hears(chat, to=SOON + 3 * DAY)

    assert told == [(who, "AIKA MUUTTUI: Tapaaminen") for who in ("anna", "bertil", "cecilia")]
    assert old_day == []
    assert [who for who, _ in reminded] == ["anna", "bertil"]
    assert states(chat, trip) == ["coming", "coming", "waiting"]


def test_cancelled_and_put_on_again_it_goes_on_where_it_stopped():
    chat, trip = planned("anna", "bertil", "cecilia")
    says(chat, SOON, status="cancelled")
    cancelled = hears(chat)
    (given_back,) = presses_of(chat, "anna", "sign.off", trip)
    says(chat, SOON)
    on_again = hears(chat)

    assert cancelled == [(who, "PERUTTU: Tapaaminen") for who in ("anna", "bertil", "cecilia")]
    assert given_back.text.startswith("Paikkasi on nyt vapaa muille:")
    assert sorted(on_again) == [
        ("bertil", "PIDETÄÄN SITTENKIN: Tapaaminen"),
        ("cecilia", "PIDETÄÄN SITTENKIN: Tapaaminen"),
        ("cecilia", OFFER),
    ]
    assert states(chat, trip) == ["coming", "offered"]


def test_a_question_that_waits_for_the_morning_is_asked_by_the_date_as_it_is_then():
    chat, trip = planned("anna", "bertil", "cecilia")
    chat.now = NOW + 12 * HOUR  # midnight
    presses_of(chat, "anna", "sign.off", trip)
    says(chat, SOON + DAY)
    heard = [each for each in chat.ticks(to=NOW + 21 * HOUR) if each.text.startswith(OFFER)]

    assert [(each.who, each.text.splitlines()[2]) for each in heard] == [("cecilia", "ke 25.11. klo 12–13")]


def test_what_was_asked_is_not_asked_again_when_the_date_moves():
    chat, trip = planned("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "sign.off", trip)
    says(chat, SOON + DAY)

    assert hears(chat) == [(who, "AIKA MUUTTUI: Tapaaminen") for who in ("bertil", "cecilia")]
