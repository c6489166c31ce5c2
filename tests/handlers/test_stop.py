from dataclasses import replace
from datetime import timedelta

import pytest

from tests.handlers.houses import HOME, subscriptions
from tests.support import NOW, Chat


def chat_with_subscriptions(**leads):
    """Anna, who is reminded of these series."""
    chat = Chat()
    chat.says("anna", "/start")
    with chat.transaction() as store:
        for series, bits in leads.items():
            store.subscriptions.add(chat_id(chat), series, bits)
    return chat


def chat_id(chat):
    return chat.store.people.find(chat.place("anna")).id


def pushes(chat, *arguments, action="stop"):
    """Press a button of a reminder or of news."""
    me = chat.conversation("anna").id
    return chat.sends_button("anna", chat.store.vault.seal_button(me, action, arguments))


def test_one_tap_under_a_reminder_stops_its_series_at_once_with_one_sentence():
    chat = chat_with_subscriptions(ryhma=1, palsta=3)
    (heard,) = pushes(chat, "ryhma")

    assert heard.text == "Tästä ei enää tule muistutuksia eikä tiedotteita."
    assert heard.buttons == ("Ota takaisin", "Lopeta kaikki", HOME)
    assert subscriptions(chat, "anna") == {"palsta": 3}


def test_a_stop_is_undone_in_one_tap_as_it_was():
    chat = chat_with_subscriptions(ryhma=1, palsta=3)
    pushes(chat, "ryhma")
    (heard,) = chat.presses("anna", "Ota takaisin")

    assert heard.text == "Selvä. Saat taas muistutuksia ja tiedotteita."
    assert subscriptions(chat, "anna") == {"palsta": 3, "ryhma": 1}


def test_after_one_all_can_be_stopped_and_begun_again():
    chat = chat_with_subscriptions(ryhma=1, palsta=3, kiri=2)
    pushes(chat, "kiri")
    (heard,) = chat.presses("anna", "Lopeta kaikki")
    stopped = subscriptions(chat, "anna")
    chat.presses("anna", "Ota takaisin")

    assert (
        heard.text == "Muistutukset ja tiedotteet on lopetettu.\nVoit aloittaa uudelleen. Kirjoita: muistuta."
    )
    assert heard.buttons == ("Ota takaisin", HOME)
    assert stopped == {}
    assert subscriptions(chat, "anna") == {"palsta": 3, "ryhma": 1}


def test_however_many_were_stopped_all_come_back_as_they_were_and_however_much_was_said_since():
    chat = Chat()
    everything = {series: 1 + number % 3 for number, series in enumerate(chat.house.series)}
    chat = chat_with_subscriptions(**everything)
    chat.says("anna", "lopeta")
    (heard,) = chat.presses("anna", "Lopeta kaikki")
    stopped = subscriptions(chat, "anna")
    for said in ("alkuun", "tapahtumat", "apua"):
        chat.says("anna", said)
    chat.now += timedelta(days=30)
    chat.presses("anna", "Ota takaisin")

    assert heard.buttons == ("Ota takaisin", HOME)
    assert stopped == {}
    assert subscriptions(chat, "anna") == everything


def with_series(chat, *order):
    """From now on the schedule has these series, in this order."""
    known = chat.house.series
    series = {each: known.get(each, replace(known["kiri"], id=each)) for each in order}
    chat.house = replace(chat.house, series=series)
    chat.understanding = replace(chat.understanding, house=chat.house)


def test_a_stop_is_undone_although_series_were_added_to_the_schedule_behind_it():
    chat = chat_with_subscriptions(ryhma=1)
    pushes(chat)
    with_series(chat, *chat.house.series, "laulu")
    chat.presses("anna", "Ota takaisin")

    assert subscriptions(chat, "anna") == {"ryhma": 1}


def test_where_the_schedule_has_other_series_since_nobody_gets_what_was_never_asked_for():
    chat = chat_with_subscriptions(palsta=1)
    pushes(chat)
    with_series(chat, "laulu", *chat.house.series)
    (heard,) = chat.presses("anna", "Ota takaisin")

    assert (heard.text, heard.buttons) == (
        "Ohjelma on muuttunut.\nValitse muistutukset uudelleen.",
        ("Valitse muistutukset", HOME),
    )
    assert subscriptions(chat, "anna") == {}


def test_the_way_back_fits_into_a_button_even_of_a_long_schedule():
    chat = chat_with_subscriptions(**{f"s{number}": 3 for number in range(60)})
    with_series(chat, *(f"s{number}" for number in range(60)))
    (heard,) = pushes(chat)
    chat.presses("anna", "Ota takaisin")

    assert heard.buttons == ("Ota takaisin", HOME)
    assert len(subscriptions(chat, "anna")) == 56


def test_what_the_schedule_knows_no_longer_cannot_be_taken_up_again():
    chat = chat_with_subscriptions(muinainen=3)
    (heard,) = pushes(chat)

    assert heard.buttons == ("Valitse muistutukset", HOME)


def test_stopping_twice_says_the_same_and_has_nothing_to_undo():
    chat = chat_with_subscriptions(ryhma=1)
    pushes(chat, "ryhma")
    (heard,) = pushes(chat, "ryhma")

    assert (heard.text, heard.buttons) == ("Tästä ei enää tule muistutuksia eikä tiedotteita.", (HOME,))


def test_news_for_everybody_stops_everything_since_it_belongs_to_no_series():
    chat = chat_with_subscriptions(ryhma=1, palsta=3)
    (heard,) = pushes(chat)
    stopped = subscriptions(chat, "anna")
    chat.presses("anna", "Ota takaisin")

    assert (heard.text, heard.buttons) == ("Kaikki viestit on lopetettu.", ("Ota takaisin", HOME))
    assert stopped == {}
    assert subscriptions(chat, "anna") == {"ryhma": 1, "palsta": 3}


def test_the_word_stops_the_only_series_at_once():
    chat = chat_with_subscriptions(ryhma=2)
    (heard,) = chat.says("anna", "lopeta")

    assert (heard.text, heard.buttons) == (
        "Tästä ei enää tule muistutuksia eikä tiedotteita.",
        ("Ota takaisin", HOME),
    )
    assert subscriptions(chat, "anna") == {}


def test_the_word_asks_which_of_several():
    chat = chat_with_subscriptions(ryhma=2, palsta=3)
    (asked,) = chat.says("anna", "stop")
    chat.presses("anna", "Työntekijä palstalla")

    assert asked.text == "Minkä muistutuksen lopetan?"
    assert asked.buttons == (
        "Lopeta kaikki",
        "Tauko 2 viikkoa",
        "Työntekijä palstalla",
        "Yksinäisyysryhmä",
        HOME,
    )
    assert subscriptions(chat, "anna") == {"ryhma": 2}


def test_who_has_no_reminders_is_told_so():
    (heard,) = Chat().says("anna", "lopeta")

    assert (heard.text, heard.buttons) == ("Sinulla ei ole muistutuksia.", ("Valitse muistutukset", HOME))


def test_a_pause_lasts_two_weeks_and_can_be_ended():
    chat = chat_with_subscriptions(ryhma=2)
    (paused,) = pushes(chat, action="pause")
    until = chat.conversation("anna").paused_until
    (ended,) = chat.presses("anna", "Lopeta tauko")

    assert (paused.text, paused.buttons) == (
        "Tauko on päällä.\nMuistutukset jatkuvat: la 5.12.",
        ("Lopeta tauko", HOME),
    )
    assert until == NOW + timedelta(weeks=2)
    assert ended.text == "Tauko loppui.\nSaat taas muistutuksia."
    assert chat.conversation("anna").paused_until is None


# ---- the pause, by its word


@pytest.mark.parametrize("word", ["tauko", "Tauko 2 viikkoa", "/tauko", "paus", "pause"])
def test_the_word_pauses_as_the_button_does(word):
    chat, pressed = chat_with_subscriptions(ryhma=1), chat_with_subscriptions(ryhma=1)
    heard = chat.says("anna", word)

    assert heard == pushes(pressed, action="pause")
    assert chat.conversation("anna").paused_until == NOW + timedelta(weeks=2)


def test_without_reminders_there_is_nothing_to_pause():
    chat = chat_with_subscriptions()
    (heard,) = chat.says("anna", "tauko")

    assert (heard.text, heard.buttons) == ("Sinulla ei ole muistutuksia.", ("Valitse muistutukset", HOME))
    assert chat.conversation("anna").paused_until is None
