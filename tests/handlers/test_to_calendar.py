"""kalenteriin: an address of one's own, and one event as a file."""

import re

import pytest
import vobject

from tests.handlers.houses import HOME
from tests.support import Chat


@pytest.fixture
def chat():
    return Chat()


def address_in(heard):
    found = re.search(r"http\S+\.ics", heard.text)
    assert found is not None
    return found[0]


def token_of(chat, who):
    with chat.transaction() as store:
        feed = store.feeds.of(store.people.find(chat.place(who)).id)
        return None if feed is None else store.feeds.token(feed)


def test_an_address_is_made_when_it_is_asked_for(chat):
    (offer,) = chat.says("anna", "kalenteriin")

    assert offer.buttons == ("Tee osoite", HOME)
    assert token_of(chat, "anna") is None

    (made,) = chat.presses("anna", "Tee osoite")

    assert address_in(made).endswith(f"/calendar/{token_of(chat, 'anna')}.ics")
    assert made.buttons == ("Avaa ohje", "Näytä ryhmien nimet", "Vaihda osoite", "Poista osoite", HOME)


def test_who_asks_again_gets_the_same_address(chat):
    chat.says("anna", "kalenteriin")
    (made,) = chat.presses("anna", "Tee osoite")
    (again,) = chat.says("anna", "kalenteriin")
    (pressed_twice,) = chat.presses("anna", "Tee osoite")

    assert address_in(made) == address_in(again) == address_in(pressed_twice)


def test_a_new_address_replaces_the_old_one(chat):
    chat.says("anna", "kalenteriin")
    chat.presses("anna", "Tee osoite")
    old = token_of(chat, "anna")
    (made,) = chat.presses("anna", "Vaihda osoite")

    assert token_of(chat, "anna") != old
    assert token_of(chat, "anna") in address_in(made)


def test_titles_name_the_groups_only_on_ones_own_word_and_that_survives_a_new_address(chat):
    chat.says("anna", "kalenteriin")
    chat.presses("anna", "Tee osoite")
    chat.presses("anna", "Näytä ryhmien nimet")
    chat.says("anna", "kalenteriin")
    (renewed,) = chat.presses("anna", "Vaihda osoite")

    assert "Piilota ryhmien nimet" in renewed.buttons

    chat.presses("anna", "Piilota ryhmien nimet")
    (shown,) = chat.says("anna", "kalenteriin")

    assert "Näytä ryhmien nimet" in shown.buttons


def test_a_deleted_address_is_gone_and_another_can_be_made(chat):
    chat.says("anna", "kalenteriin")
    chat.presses("anna", "Tee osoite")
    (gone,) = chat.presses("anna", "Poista osoite")

    assert token_of(chat, "anna") is None
    assert gone.buttons == ("Tee osoite", HOME)


def test_a_button_of_a_deleted_address_does_no_harm(chat):
    chat.says("anna", "kalenteriin")
    chat.presses("anna", "Tee osoite")
    chat.presses("anna", "Poista osoite")
    chat.presses("anna", "Näytä ryhmien nimet")

    assert token_of(chat, "anna") is None


def test_everybody_has_an_address_of_their_own(chat):
    for who in ("anna", "bertta"):
        chat.says(who, "kalenteriin")
        chat.presses(who, "Tee osoite")

    assert token_of(chat, "anna") != token_of(chat, "bertta")


def test_an_erased_person_has_no_address(chat):
    chat.says("anna", "kalenteriin")
    chat.presses("anna", "Tee osoite")
    token = token_of(chat, "anna")
    chat.says("anna", "poista tietoni")
    chat.presses("anna", "Kyllä, poista")
    with chat.transaction() as store:
        found = store.feeds.find(token)

    assert found is None


def test_one_event_comes_as_a_file(chat):
    chat.says("anna", "tapahtumat")
    chat.presses("anna", "Valitse tapahtuma")
    (shown,) = chat.presses("anna", "to 26.11.")
    (heard,) = chat.presses("anna", "Lisää kalenteriin")
    event = vobject.readOne(heard.file).vevent

    assert "Lisää kalenteriin" in shown.buttons
    assert event.summary.value == "Tapaaminen"
    assert event.dtstart.value.isoformat() == "2026-11-26T13:00:00+02:00"
