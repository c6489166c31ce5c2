from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.handlers.houses import HOME
from tests.handlers.organizing import organized
from tests.handlers.test_poll import closes, opens, quiet_chat

BACK = "Takaisin"
TOIVE = "Mitä teemme ryhmässä ensi kerralla?"
HYMIO = "Millainen ryhmäkerta oli tänään?"
NONE = "Suljettuja kyselyjä ei vielä ole.\nTulokset näet, kun kysely on suljettu."


@pytest.fixture
def chat():
    """An organizer's chat in which nothing was asked yet."""
    chat = quiet_chat(organized())
    with chat.transaction() as store:
        store.run(text("DELETE FROM poll_round"))
    return chat


def answered(chat, poll, **counts):
    """Let so many answer each option, and close."""
    round_id = opens(chat, poll)
    with chat.transaction() as store:
        voter = 1000
        for option, number in counts.items():
            for _ in range(number):
                voter += 1
                store.polls.vote(round_id, voter, option.removeprefix("v"))
    closes(chat, round_id)
    return round_id


def shown(chat):
    (heard,) = chat.says("tiina", "tulokset")
    return heard.text


def test_before_anything_is_closed_nothing_is_shown(chat):
    opens(chat, "toimintatoive")

    assert shown(chat) == NONE


def test_results_are_told_option_by_option(chat):
    answered(chat, "toimintatoive", kavely=12, peli=7, leivonta=5, kulttuuri=9, en_tieda=6)
    (heard,) = chat.says("tiina", "tulokset")

    assert heard.text == (
        f"{TOIVE}\nKävelylle: 12\nLautapelejä: 7\nLeivotaan: 5\nMuseo tai teatteri: 9\nEn tiedä: 6\nVastauksia: 39"
    )
    assert heard.buttons == (BACK, HOME)


def test_small_numbers_are_covered(chat):
    answered(chat, "toimintatoive", kavely=12, peli=7, leivonta=2, kulttuuri=1)

    assert shown(chat) == (
        f"{TOIVE}\nKävelylle: 12\nLautapelejä: 7\nLeivotaan: alle 5\nMuseo tai teatteri: alle 5\nEn tiedä: alle 5"
    )


def test_one_small_number_hides_a_neighbour_too(chat):
    answered(chat, "toimintatoive", kavely=12, peli=7, leivonta=2, kulttuuri=9, en_tieda=6)

    told = shown(chat)

    assert "Leivotaan: alle 5" in told
    assert told.count("ei näytetä") == 1
    assert "Vastauksia" not in told


def test_a_handful_of_answers_shows_nothing(chat):
    answered(chat, "toimintatoive", kavely=4)

    assert shown(chat) == f"{TOIVE}\nVastauksia on liian vähän.\nTuloksia ei näytetä."


def test_unanimity_is_not_told(chat):
    answered(chat, "ryhmakerta_hymio", v5=20)

    assert shown(chat) == f"{HYMIO}\nLähes kaikki: 🙂 Hyvä tai 😀 Todella hyvä"


def test_smileys_are_told_in_groups_with_a_mean_where_it_tells_nobody(chat):
    answered(chat, "ryhmakerta_hymio", v1=4, v2=5, v3=8, v4=9, v5=10)

    assert shown(chat) == (
        f"{HYMIO}\n😞 Huono tai 🙁 Melko huono: 9\n😐 Siltä väliltä: 8\n🙂 Hyvä tai 😀 Todella hyvä: 19\n"
        "Vastauksia: 36\nKeskiarvo: 3,4"
    )


def test_of_several_polls_one_is_chosen_by_its_number(chat):
    answered(chat, "toimintatoive", kavely=4)
    chat.now += timedelta(days=7)
    answered(chat, "ryhmakerta_hymio", v3=4)
    (which,) = chat.says("tiina", "tulokset")
    (first,) = chat.presses("tiina", "Kysely 1")
    (second,) = chat.presses("tiina", "Kysely 2")

    assert which.text == f"Minkä tulokset näytän?\n1. {HYMIO} la 28.11.\n2. {TOIVE} la 21.11."
    assert which.buttons == ("Kysely 1", "Kysely 2", BACK, HOME)
    assert first.text.startswith(HYMIO)
    assert second.text.startswith(TOIVE)


def test_an_open_poll_keeps_its_results(chat):
    round_id = opens(chat, "toimintatoive")
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, "results", (str(round_id),))
    (refused,) = chat.sends_button("tiina", button)

    assert refused.text == "Kysely on vielä auki.\nTulokset näet, kun se on suljettu."


def test_a_poll_that_never_was_has_none(chat):
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, "results", ("999",))
    (answer,) = chat.sends_button("tiina", button)

    assert answer.text == "Tätä kyselyä ei löydy."


def test_results_are_for_organizers_and_told_in_private(chat):
    round_id = answered(chat, "toimintatoive", kavely=12, peli=12)
    in_group = chat.says("tiina", "/tulokset", into="group1")
    chat.says("anna", "tulokset")
    button = chat.store.vault.seal_button(chat.conversation("anna").id, "results", (str(round_id),))
    (refused,) = chat.sends_button("anna", button)

    assert {each.who for each in in_group} == {"tiina"}
    assert refused.text == "Tämä valinta on vanha.\nValitse: Alkuun."
