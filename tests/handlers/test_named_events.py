from dataclasses import replace

import pytest

from tests.handlers.attending import DAY, OPEN, SOON, TRIP, WATERING, chat_with_series, dates, presses_of
from tests.handlers.houses import HOME, event, plan
from tests.support import Chat

EVENTS = "Tulevat tapahtumat"
GINGERBREAD = "Piparien leipominen Ensiaskeleessa\nke 9.12. klo 12–14\n"


@pytest.mark.parametrize("said", ["piparit", "Haluan ilmoittautua piparien leivontaan", "tuun leipomaan"])
def test_an_event_that_is_named_is_shown_with_what_one_can_do(said):
    (heard,) = Chat().says("anna", said)

    assert heard.text.startswith(GINGERBREAD)
    assert heard.buttons == ("Ilmoittaudu", "Muistuta minua", "Lisää kalenteriin", EVENTS, HOME)


def test_of_a_series_the_next_date_is_shown_whatever_its_turn():
    chat = Chat()
    (heard,) = chat.says("anna", "jos tulen toimintakerralle")

    assert heard.text.startswith("Yksinäisyysryhmä\nto 3.12. klo 13–15\nToimintakerta")


def test_where_several_are_called_so_up_to_four_are_offered():
    chat = chat_with_series()
    names = [f"Sählyturnaus {letter}" for letter in "abcde"]
    plan(chat, *(event(name, SOON + number * DAY) for number, name in enumerate(names[:4])))
    (four,) = chat.says("anna", "sählyturnaukset")
    (chosen,) = chat.says("anna", "2")
    plan(chat, *(event(name, SOON + number * DAY) for number, name in enumerate(names)))
    (five,) = chat.says("anna", "sählyturnaukset")

    assert four.text.splitlines()[:2] == ["Valitse tapahtuma:", "ti 24.11. klo 12–13: Sählyturnaus a"]
    assert four.buttons == ("ti 24.11.", "ke 25.11.", "to 26.11.", "pe 27.11.", HOME)
    assert chosen.text.startswith("Sählyturnaus b\n")
    assert five.text.startswith("En ymmärtänyt.")


def test_what_is_for_members_is_not_found_by_others():
    members = replace(OPEN, name={"fi": "Sählyturnaus"}, visibility="members")
    chat = chat_with_series(members)
    dates(chat, members, SOON, visibility="members")
    (stranger,) = chat.says("anna", "sählyturnaus")
    with chat.transaction() as store:
        store.subscriptions.add(store.people.find(chat.place("anna")).id, members.id, 3)
    (member,) = chat.says("anna", "sählyturnaus")

    assert stranger.text.startswith("En ymmärtänyt.")
    assert member.text.startswith("Sählyturnaus\n")


def test_a_shared_turn_is_no_event():
    turn = replace(WATERING, name={"fi": "Sählyturnaus"})
    chat = chat_with_series(turn)
    dates(chat, turn, SOON)

    assert chat.says("anna", "sählyturnaus")[0].text.startswith("En ymmärtänyt.")


def test_a_name_in_a_language_that_is_not_spoken_here_is_none():
    """ "tripoli" begins as the trip does in English."""
    chat = chat_with_series(TRIP)
    dates(chat, TRIP, SOON)
    (finnish,) = chat.says("anna", "tripoli kaupunkina")
    (english,) = chat.says("ann", "trips", language="en")

    assert not finnish.text.startswith("Retki")
    assert english.text.startswith("Retki\n")


def test_who_cannot_come_gives_the_place_back_there():
    chat = chat_with_series(TRIP)
    (here,) = dates(chat, TRIP, SOON)
    presses_of(chat, "anna", "sign.up", here)
    (heard,) = chat.says("anna", "en pääse retkelle")

    assert heard.buttons[0] == "Peru paikkani"
