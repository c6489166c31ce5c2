"""A turn that is given back shortly before it begins: others are asked, once, by day, and nobody is named."""

import pytest

from tests.handlers.attending import DAY, HOUR, WATERING, chat_with_series, dates, presses_of
from tests.support import NOW

FIRST = NOW + DAY  # a Sunday, noon in Helsinki
QUESTION = (
    "Tämä vuoro kaipaa tekijää.\nTapaaminen\nsu 22.11. klo 12–13\nSopisiko se sinulle?\n"
    "Jos ei, sinun ei tarvitse tehdä mitään."
)


def turns(*takers, count=5):
    """Turns from tomorrow on; each of these people has one, in this order."""
    chat = chat_with_series(WATERING)
    found = dates(chat, WATERING, *(FIRST + number * DAY for number in range(count)))
    for who, turn in zip(takers, found, strict=False):
        presses_of(chat, who, "turns.take", turn)
    return chat, found


def soon(chat):
    """What is heard once a slip of the finger would have been mended."""
    return chat.ticks(to=chat.now + chat.house.undo)


def asked(heard):
    return [each.who for each in heard if each.text.startswith("Tämä vuoro kaipaa")]


def test_those_who_take_such_turns_are_asked_and_nobody_is_named():
    chat, (first, *_) = turns("anna", "bertil", "cecilia")
    chat.says("daavid", "/start")
    presses_of(chat, "anna", "turns.drop", first)
    heard = soon(chat)

    assert [(each.who, each.text) for each in heard] == [("bertil", QUESTION), ("cecilia", QUESTION)]
    assert heard[0].buttons == ("Otan vuoron", "Lopeta", "Tauko 2 viikkoa")


def test_who_takes_it_has_it_and_the_others_are_asked_no_more():
    chat, (first, *_) = turns("anna", "bertil", "cecilia")
    chat.now = NOW + 12 * HOUR  # midnight
    presses_of(chat, "anna", "turns.drop", first)
    at_night = asked(soon(chat))
    (taken,) = presses_of(chat, "bertil", "turns.take", first)

    assert at_night == []
    assert taken.text.startswith("Vuoro on nyt sinun.")
    assert asked(chat.ticks(to=NOW + 22 * HOUR)) == []


def test_at_night_they_are_asked_in_the_morning():
    chat, (_, second, *_) = turns("anna", "bertil", "cecilia")
    chat.now = NOW + 12 * HOUR
    presses_of(chat, "bertil", "turns.drop", second)

    assert asked(chat.ticks(to=NOW + 20 * HOUR)) == []
    assert asked(chat.ticks(to=NOW + 21 * HOUR)) == ["anna", "cecilia"]


def test_a_turn_that_is_offered_is_asked_about_too_unless_its_taker_keeps_it():
    chat, (first, second, *_) = turns("anna", "bertil")
    presses_of(chat, "anna", "turns.offer", first)
    offered = asked(soon(chat))
    chat.now += 10 * HOUR  # ten in the evening
    presses_of(chat, "bertil", "turns.offer", second)
    presses_of(chat, "bertil", "turns.keep", second)

    assert offered == ["bertil"]
    assert asked(chat.ticks(to=NOW + 23 * HOUR)) == []


def test_of_one_turn_each_is_asked_once():
    chat, (first, *_) = turns("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "turns.drop", first)
    soon(chat)
    presses_of(chat, "cecilia", "turns.take", first)
    presses_of(chat, "cecilia", "turns.drop", first)

    assert asked(chat.ticks(to=NOW + 22 * HOUR)) == []


def test_of_two_turns_on_one_day_each_is_asked_of_one():
    """The cap of what one did not ask for (U10)."""
    chat, (first, second, *_) = turns("anna", "anna", "bertil")
    presses_of(chat, "anna", "turns.drop", first)
    presses_of(chat, "anna", "turns.drop", second)
    same_day = asked(chat.ticks(to=NOW + HOUR))

    assert same_day == ["bertil"]
    assert asked(chat.ticks(to=NOW + DAY + HOUR)) == ["bertil"]


def test_of_a_turn_further_away_nobody_is_asked():
    chat, (_, _, third, *_) = turns("anna", "bertil", "cecilia")
    presses_of(chat, "cecilia", "turns.drop", third)

    assert asked(chat.ticks(to=NOW + HOUR)) == []


def test_nor_of_one_that_begins_within_the_hour():
    chat, (first, *_) = turns("anna", "bertil")
    chat.now = FIRST - HOUR
    presses_of(chat, "anna", "turns.drop", first)

    assert asked(soon(chat)) == []


def test_who_pauses_or_wants_no_reminders_or_blocks_vertti_is_not_asked():
    chat, (first, *_) = turns("anna", "bertil", "cecilia", "daavid", "eeva")
    presses_of(chat, "bertil", "pause")
    presses_of(chat, "cecilia", "stop", WATERING.id)
    chat.happens("removed", "daavid")
    presses_of(chat, "anna", "turns.drop", first)

    assert asked(soon(chat)) == ["eeva"]


def test_who_hears_of_the_series_is_asked_without_having_had_a_turn():
    chat, (first, *_) = turns("anna")
    chat.says("bertil", "/start")
    with chat.transaction() as store:
        store.subscriptions.add(store.people.find(chat.place("bertil")).id, WATERING.id)
    presses_of(chat, "anna", "turns.drop", first)

    assert asked(soon(chat)) == ["bertil"]


def test_the_turns_of_who_is_erased_are_asked_about_at_once():
    chat, _ = turns("anna", "bertil")
    presses_of(chat, "anna", "forget")

    assert asked(soon(chat)) == ["bertil"]


def test_a_slip_of_the_finger_can_be_mended_before_anybody_hears():
    chat, (first, *_) = turns("anna", "bertil")
    presses_of(chat, "anna", "turns.drop", first)
    presses_of(chat, "anna", "turns.take", first)

    assert asked(chat.ticks(to=NOW + HOUR)) == []


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"moved": 6 * HOUR}])
def test_of_what_is_cancelled_or_moved_meanwhile_nobody_is_asked(change):
    chat, (first, *_) = turns("anna", "bertil", count=2)
    chat.now = NOW + 12 * HOUR
    presses_of(chat, "anna", "turns.drop", first)
    moved = change.get("moved", 0 * HOUR)
    dates(chat, WATERING, FIRST + moved, FIRST + DAY, status=change.get("status", "confirmed"))

    assert asked(chat.ticks(to=NOW + 22 * HOUR)) == []


def test_who_swaps_for_an_offered_turn_leaves_theirs_to_who_offered_it():
    chat, (first, _, third, *_) = turns("anna", "bertil", "cecilia")
    presses_of(chat, "cecilia", "turns.offer", third)
    swapped, told = presses_of(chat, "anna", "turns.swap.to", third, first)
    others = asked(soon(chat))
    (taken,) = chat.presses("cecilia", "Otan vuoron")

    assert swapped.text.startswith("Vuorot on vaihdettu.")
    assert (told.who, told.text) == (
        "cecilia",
        (
            "Joku otti vuoron, jota tarjosit.\nTapaaminen\nti 24.11. klo 12–13\n"
            "Tilalle vapautui: su 22.11. klo 12–13\nVoit ottaa sen. Ei ole pakko."
        ),
    )
    assert others == ["bertil"]
    assert taken.text.startswith("Vuoro on nyt sinun.")


def test_a_turn_that_is_taken_again_before_anybody_looks_is_asked_about_by_nobody():
    chat, (first, *_) = turns("anna", "bertil", "cecilia")
    with chat.transaction() as store:
        store.people.forget(store.people.find(chat.place("anna")).id)
        store.shared_turns.take(first, store.people.find(chat.place("bertil")).id)

    assert asked(soon(chat)) == []


@pytest.mark.parametrize("late", [DAY, 2 * DAY])
def test_a_turn_that_is_over_is_swapped_for_none(late):
    chat, (first, _, third, *_) = turns("anna", "bertil", "cecilia")
    presses_of(chat, "cecilia", "turns.offer", third)
    chat.now += late
    (heard,) = presses_of(chat, "anna", "turns.swap.to", third, first)

    assert heard.text.startswith("Tätä vuoroa ei voi enää ottaa.")


def test_nor_are_others_shown_that_it_could_be_swapped_for():
    chat, (first, *_) = turns("anna", "bertil")
    chat.now += DAY
    (heard,) = presses_of(chat, "anna", "turns.swap", first)

    assert heard.text.startswith("Tätä vuoroa ei voi enää ottaa.")
