from datetime import timedelta

import pytest

from schedules.poll_rounds import invite
from tests.handlers.houses import HOME
from tests.handlers.organizing import hears, log, organized, step
from tests.handlers.test_poll import ballots, opens, quiet_chat, vote
from tests.support import NOW

BACK = "Takaisin"
SURE = "{}\nSuljenko tämän kyselyn?\nSitä ei voi avata uudelleen."
HYMIO = "Millainen ryhmäkerta oli tänään?"
TOIVE = "Mitä teemme ryhmässä ensi kerralla?"


@pytest.fixture
def chat():
    return quiet_chat(organized())


def closed(chat, round_id):
    with chat.transaction() as store:
        return store.polls.get(round_id).closed


def test_the_one_open_poll_is_closed_after_a_question(chat):
    round_id = opens(chat, "toimintatoive")
    (sure,) = chat.says("tiina", "sulje")
    before = closed(chat, round_id)
    (done,) = chat.presses("tiina", "Sulje kysely")

    assert (sure.text, sure.buttons) == (SURE.format(TOIVE), ("Sulje kysely", BACK))
    assert before is None
    assert done.text == "Kysely on suljettu.\nVastauksia ei voi enää yhdistää kehenkään."
    assert done.buttons == ("Kyselyn tulokset", HOME)
    assert closed(chat, round_id) == chat.now
    assert log(chat) == [("poll.close", None)]


def test_who_was_not_invited_yet_is_not_invited_to_a_poll_that_is_closed(chat):
    hears(chat, "anna", "group1")
    round_id = opens(chat, "ryhmakerta_hymio")
    chat.now = NOW.replace(hour=19)  # at night: the invitations wait for the morning
    while step(chat, invite):
        pass
    chat.says("tiina", "sulje")
    chat.presses("tiina", "Sulje kysely")
    morning = chat.ticks(to=chat.now + timedelta(hours=14))

    assert closed(chat, round_id) is not None
    assert morning == []


def test_of_several_polls_one_is_chosen(chat):
    opens(chat, "toimintatoive")
    other = opens(chat, "ryhmakerta_hymio")
    (which,) = chat.says("tiina", "sulje")
    (sure,) = chat.presses("tiina", "Millainen ryhmäkerta…")
    chat.presses("tiina", "Sulje kysely")

    assert which.text == "Minkä kyselyn suljen?"
    assert which.buttons == ("Mitä teemme ryhmässä…", "Millainen ryhmäkerta…", BACK)
    assert sure.text == SURE.format(HYMIO)
    assert closed(chat, other) == chat.now


def test_one_may_think_better_of_it(chat):
    round_id = opens(chat, "toimintatoive")
    chat.says("tiina", "sulje")
    (desk,) = chat.presses("tiina", BACK)

    assert desk.text == "Mitä haluat tehdä?"
    assert closed(chat, round_id) is None


def test_where_nothing_is_open_that_is_said(chat):
    (none,) = chat.says("tiina", "sulje")

    assert (none.text, none.buttons) == ("Nyt ei ole avoimia kyselyjä.", (BACK, HOME))


def test_what_was_closed_meanwhile_is_not_closed_again(chat):
    round_id = opens(chat, "toimintatoive")
    chat.says("tiina", "sulje")
    chat.presses("tiina", "Sulje kysely")
    at = closed(chat, round_id)
    chat.now += timedelta(hours=1)
    chat.presses("tiina", "Sulje kysely")
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, "close", (str(round_id),))
    (late,) = chat.sends_button("tiina", button)

    assert closed(chat, round_id) == at
    assert late.text == "Tämä kysely on jo sulkeutunut."
    assert log(chat) == [("poll.close", None)]


@pytest.mark.parametrize("action", ["close", "close.yes"])
def test_a_poll_that_never_was_cannot_be_closed(chat, action):
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, action, ("999",))
    (answer,) = chat.sends_button("tiina", button)

    assert answer.text in {"Tämä kysely on jo sulkeutunut.", "Tätä kyselyä ei löydy."}


def test_after_the_close_nobody_votes(chat):
    round_id = opens(chat, "toimintatoive")
    chat.says("anna", "kysely")
    chat.says("tiina", "sulje")
    chat.presses("tiina", "Sulje kysely")
    (late,) = vote(chat, "anna", round_id, "peli")

    assert late.text == "Tämä kysely on jo sulkeutunut."
    assert ballots(chat, round_id) == 0


def test_to_others_there_is_no_such_thing(chat):
    round_id = opens(chat, "toimintatoive")
    chat.says("anna", "sulje")
    button = chat.store.vault.seal_button(chat.conversation("anna").id, "close.yes", (str(round_id),))
    (refused,) = chat.sends_button("anna", button)

    assert refused.text == "Tämä valinta on vanha.\nValitse: Alkuun."
    assert closed(chat, round_id) is None
