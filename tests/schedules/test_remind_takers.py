"""Reminders of those who have a place or a turn at a date, and of those who chose areas."""

from dataclasses import replace

import pytest

from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE, alarms_of
from tests.handlers.attending import AREAS, DAY, HOUR, SOON, TRIP, WATERING, chat_with_series, presses_of
from tests.handlers.houses import HOME, event

WAYS_OUT = ("Lopeta", "Tauko 2 viikkoa")
GIVE_BACK, GIVE_UP = "Peru paikkani", "Luovun vuorosta"
KIND, KIND_TOMORROW = "En jaksa tänään", "En jaksa huomenna"


def world(series, **values):
    """One date of a series, with its reminders; and its number."""
    chat = chat_with_series(series, areas=AREAS)
    house = chat.house
    it = event(series.name["fi"], SOON, series=series.id, signup=series.signup, **values)
    with chat.transaction() as store:
        store.refreshing.refresh(
            "test",
            [it],
            lambda it: alarms_of(
                it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone
            ),
            now=chat.now,
        )
        (row,) = store.refreshing.stored("test")
    return chat, row.id


def subscribes(chat, who, series, leads=BOTH):
    with chat.transaction() as store:
        me = store.people.meet(chat.place(who), language="fi", now=chat.now).id
        store.subscriptions.add(me, series.id, leads)


def reminded(chat, before):
    """Who is reminded when so much time is left, with which buttons."""
    return {each.who: each.buttons for each in chat.ticks(to=SOON - before)}


def test_who_has_a_place_is_reminded_the_day_before_without_subscribing_and_can_give_it_back():
    chat, here = world(TRIP)
    presses_of(chat, "anna", "sign.up", here)
    subscribes(chat, "bertil", TRIP)
    day_before = reminded(chat, DAY)
    same_day = reminded(chat, 2 * HOUR)

    assert day_before == {
        "anna": ("Näytä", GIVE_BACK, KIND_TOMORROW, *WAYS_OUT),
        "bertil": ("Näytä", KIND_TOMORROW, *WAYS_OUT),
    }
    assert same_day == {"bertil": ("Näytä", KIND, *WAYS_OUT)}


def test_who_has_a_place_and_subscribes_hears_it_once():
    chat, here = world(TRIP)
    presses_of(chat, "anna", "sign.up", here)
    subscribes(chat, "anna", TRIP)
    heard = chat.ticks(to=SOON - DAY)

    assert [(each.who, each.buttons[1]) for each in heard] == [("anna", GIVE_BACK)]


def test_who_waits_is_not_reminded():
    chat, here = world(TRIP)
    for name in ("anna", "bertil", "cecilia"):
        presses_of(chat, name, "sign.up", here)

    assert reminded(chat, DAY).keys() == {"anna", "bertil"}


@pytest.mark.parametrize("press", [("sign.off",), ("forget",), ("pause",)])
def test_who_gave_it_back_is_gone_or_pauses_is_not_either(press):
    chat, here = world(TRIP)
    presses_of(chat, "anna", "sign.up", here)
    presses_of(chat, "anna", *press, *((here,) if press == ("sign.off",) else ()))

    assert reminded(chat, DAY) == {}


def test_of_a_turn_only_its_taker_is_reminded_at_both_leads_and_can_give_it_up():
    chat, here = world(WATERING)
    presses_of(chat, "anna", "turns.take", here)
    subscribes(chat, "bertil", WATERING)
    subscribes(chat, "group", WATERING)

    assert reminded(chat, DAY) == {"anna": ("Näytä", GIVE_UP, KIND_TOMORROW, *WAYS_OUT)}
    assert reminded(chat, 2 * HOUR) == {"anna": ("Näytä", GIVE_UP, KIND, *WAYS_OUT)}


def test_of_a_free_turn_nobody_is_reminded():
    chat, _ = world(WATERING)
    subscribes(chat, "bertil", WATERING)

    assert reminded(chat, DAY) == reminded(chat, 2 * HOUR) == {}


def test_lopeta_under_such_a_reminder_ends_them_and_keeps_the_turn():
    chat, here = world(WATERING)
    presses_of(chat, "anna", "turns.take", here)
    chat.ticks(to=SOON - DAY)
    (stopped,) = chat.presses("anna", "Lopeta")
    (own,) = presses_of(chat, "anna", "turns.take", here)

    assert stopped.text == "Tästä ei enää tule muistutuksia eikä tiedotteita."
    assert stopped.buttons == (HOME,)
    assert own.text.startswith("Tämä vuoro on sinun.")
    assert reminded(chat, 2 * HOUR) == {}


def test_the_word_lopeta_means_them_too():
    chat, here = world(TRIP)
    presses_of(chat, "anna", "sign.up", here)
    chat.says("anna", "lopeta")

    assert reminded(chat, DAY) == {}


def test_the_buttons_under_a_reminder_do_what_they_say():
    chat, here = world(TRIP)
    for name in ("anna", "bertil", "cecilia"):
        presses_of(chat, name, "sign.up", here)
    chat.ticks(to=SOON - DAY)
    (kind,) = chat.presses("anna", KIND_TOMORROW)
    given, asked = chat.presses("bertil", GIVE_BACK)

    assert kind.buttons[0] == GIVE_BACK
    assert given.text.startswith("Paikkasi on nyt vapaa muille:")
    assert asked.who == "cecilia"


@pytest.mark.parametrize(
    ("area", "heard"), [("kajaani", {"anna", "bertil"}), ("mikkeli", {"bertil"}), (None, {"anna", "bertil"})]
)
def test_who_chose_areas_is_reminded_of_these_and_of_what_has_none(area, heard):
    plain = replace(TRIP, signup=False)
    chat, _ = world(plain, area=area)
    for name in ("anna", "bertil"):
        subscribes(chat, name, plain, DAY_BEFORE | HOURS_BEFORE)
    presses_of(chat, "anna", "area", "kajaani", "0")

    assert reminded(chat, DAY).keys() == heard


def test_a_place_counts_whatever_area_one_chose():
    chat, here = world(TRIP, area="mikkeli")
    presses_of(chat, "anna", "area", "kajaani", "0")
    presses_of(chat, "anna", "sign.up", here)

    assert reminded(chat, DAY).keys() == {"anna"}
