from dataclasses import replace

import pytest

from bot.core.crisis import is_crisis
from bot.core.series import Series
from bot.i18n import LANGUAGES, read_catalogues
from tests.handlers.attending import (
    DAY,
    GROUP,
    HOUR,
    SOON,
    TRIP,
    WATERING,
    chat_with_series,
    dates,
    presses_of,
)
from tests.handlers.houses import HOME, event, plan

HUMAN = "Puhu ihmisen kanssa"
KIND = "Ei se mitään.\nAina ei jaksa, ja se on ihan hyvä.\nKukaan ei saa tästä tietoa."


def planned(series=GROUP, *starts):
    chat = chat_with_series(series)
    return chat, dates(chat, series, *(starts or (SOON, SOON + 7 * DAY)))


def test_the_answer_is_kind_and_tells_the_next_time():
    chat, (here, _) = planned()
    (heard,) = presses_of(chat, "anna", "not.today", here)

    assert heard.text == KIND + "\nSeuraava kerta: ti 1.12. klo 12–13"
    assert heard.buttons == (HUMAN, HOME)


def test_nothing_is_kept_of_it_and_nobody_is_told():
    chat, (here, _) = planned()
    chat.make_organizer("olli")
    chat.says("anna", "/start")

    def kept():
        with chat.transaction() as store:
            tables = ("subscription", "sign_up", "shared_turn", "newcomer", "counter", "organizer_log")
            return [store._cursor.execute(f"SELECT count(*) FROM {each}").fetchone() for each in tables]

    before = kept()
    heard = presses_of(chat, "anna", "not.today", here)
    heard += chat.ticks(to=SOON + DAY)

    assert kept() == before
    assert [each.who for each in heard] == ["anna"]


def test_who_has_a_place_can_give_it_on_in_one_tap():
    chat, (here, _) = planned(TRIP)
    for name in ("anna", "bertil", "cecilia"):
        presses_of(chat, name, "sign.up", here)
    (heard,) = presses_of(chat, "anna", "not.today", here)
    given, asked = chat.presses("anna", "Peru paikkani")

    assert heard.text.splitlines()[3:] == [
        "Sinulla on paikka: ti 24.11. klo 12–13",
        "Voit antaa sen toiselle.",
        "Seuraava kerta: ti 1.12. klo 12–13",
    ]
    assert heard.buttons == ("Peru paikkani", HUMAN, HOME)
    assert given.text.startswith("Paikkasi on nyt vapaa muille:")
    assert asked.who == "cecilia"
    assert presses_of(chat, "cecilia", "not.today", here)[0].buttons == (HUMAN, HOME)


def test_who_has_a_turn_can_give_it_up_in_one_tap():
    chat, (here, _) = planned(WATERING)
    presses_of(chat, "anna", "turns.take", here)
    (heard,) = presses_of(chat, "anna", "not.today", here)
    (given,) = chat.presses("anna", "Luovun vuorosta")

    assert heard.text == KIND + "\nSinulla on vuoro: ti 24.11. klo 12–13\nVoit luopua siitä."
    assert heard.buttons == ("Luovun vuorosta", HUMAN, HOME)
    assert given.text.startswith("Vuoro on nyt vapaa muille.")


def test_old_buttons_still_answer():
    chat, (here,) = planned(TRIP, SOON)
    presses_of(chat, "anna", "sign.up", here)
    chat.now = SOON + HOUR
    over = presses_of(chat, "anna", "not.today", here)[0]
    gone = presses_of(chat, "anna", "not.today", 999)[0]

    assert (over.text, over.buttons) == (gone.text, gone.buttons) == (KIND, (HUMAN, HOME))


def test_who_types_it_means_what_they_hear_of_and_is_near():
    chat, _ = planned(GROUP, SOON - 2 * DAY, SOON)
    nothing = chat.says("anna", "en jaksa tänään")[0]
    with chat.transaction() as store:
        store.subscriptions.add(store.people.find(chat.place("anna")).id, GROUP.id)
    heard = chat.says("anna", "En jaksa")[0]

    assert nothing.text == KIND
    assert heard.text == KIND + "\nSeuraava kerta: ti 24.11. klo 12–13"


def test_who_types_it_and_has_a_place_or_a_turn_soon_can_give_that_on():
    chat, (here,) = planned(TRIP, SOON - 2 * DAY)
    presses_of(chat, "anna", "sign.up", here)
    place = chat.says("anna", "en jaksa huomenna")[0]
    watered, (turn,) = planned(WATERING, SOON - 2 * DAY)
    presses_of(watered, "anna", "turns.take", turn)
    own = watered.says("anna", "orkar inte")[0]

    assert (place.buttons[0], own.buttons[0]) == ("Peru paikkani", "Luovun vuorosta")


def test_who_types_it_is_offered_to_give_on_a_place_that_is_later_too():
    chat, (_, there) = planned(TRIP)
    presses_of(chat, "anna", "sign.up", there)
    heard = chat.says("anna", "En jaksa tulla")[0]

    assert heard.text == KIND + "\nSinulla on paikka: ti 1.12. klo 12–13\nVoit antaa sen toiselle."
    assert heard.buttons == ("Peru paikkani", HUMAN, HOME)


def test_a_place_at_what_is_cancelled_is_not_worth_giving_on():
    chat, (here,) = planned(TRIP, SOON)
    presses_of(chat, "anna", "sign.up", here)
    dates(chat, TRIP, SOON, status="cancelled")

    assert presses_of(chat, "anna", "not.today", here)[0].buttons == (HUMAN, HOME)


def test_a_group_that_meets_sooner_does_not_hide_a_place():
    chat = chat_with_series(TRIP, GROUP)
    (trip,) = dates(chat, TRIP, SOON)
    presses_of(chat, "anna", "sign.up", trip)
    group = replace(event("Kahvit", chat.now + HOUR, series=GROUP.id), uid="g")
    away = replace(event("Retki", SOON, series=TRIP.id, signup=True), uid="retki-0")
    plan(chat, group, away)
    presses_of(chat, "anna", "leads", GROUP.id, "3")
    heard = chat.says("anna", "En jaksa tulla")[0]

    assert heard.text.splitlines()[3] == "Sinulla on paikka: ti 24.11. klo 12–13"
    assert heard.buttons[0] == "Peru paikkani"


def test_what_belongs_to_no_series_has_no_next_time():
    chat, (here,) = planned(GROUP, SOON)
    dates(chat, Series(id="x", name={"fi": "Kahvit"}), SOON)

    assert presses_of(chat, "anna", "not.today", here)[0].text == KIND


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_words_are_no_cry_for_help(language):
    """On Matrix the words of the button are typed, and crisis words are answered before anything else."""
    words = read_catalogues()[language]
    typed = [words[f"not_today.{day}"][0] for day in ("today", "tomorrow", "then")]

    assert [each for each in typed if is_crisis(each)] == []
