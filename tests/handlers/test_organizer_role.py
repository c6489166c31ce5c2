from contextlib import suppress
from datetime import timedelta

import pytest

from bot.messages import Incoming
from bot.turns import take
from tests.handlers.houses import HOME
from tests.handlers.organizing import log, organized, texts
from tests.support import Chat

DESK = ("Lähetä tiedote", "Muuta ohjelmaa", "Sulje kysely", "Kyselyn tulokset", "Ihmisten kysymykset", HOME)
WRONG = "Tämä koodi ei käy.\nSe on voinut vanhentua.\nPyydä uusi koodi."
WAIT = "Kokeilit monta koodia.\nOdota tunti. Yritä sitten uudelleen."


def code(chat):
    with chat.transaction() as store:
        return store.organizers.invite(now=chat.now)


def role(chat, who):
    return chat.conversation(who).role


def test_a_code_makes_an_organizer_and_says_what_one_can_do_now():
    chat = Chat()
    (welcome,) = chat.says("tiina", f"jarjestaja {code(chat)}")

    assert welcome.text == (
        "Tervetuloa! Olet nyt järjestäjä.\nVoit muuttaa ohjelmaa.\nVoit lähettää tiedotteen.\n"
        "Voit sulkea kyselyn ja katsoa tulokset.\nVoit lisätä minut ryhmään."
    )
    assert welcome.buttons == DESK
    assert role(chat, "tiina") == "organizer"
    assert log(chat) == [("organizer", None)]


def test_a_code_works_once():
    chat = Chat()
    used = code(chat)
    chat.says("tiina", f"jarjestaja {used}")
    (refused,) = chat.says("olli", f"/järjestäjä {used}")

    assert refused.text == WRONG
    assert role(chat, "olli") is None


def test_an_old_code_is_refused_kindly():
    chat = Chat()
    old = code(chat)
    chat.now += timedelta(days=8)
    (refused,) = chat.says("tiina", f"jarjestaja {old}")

    assert refused.text == WRONG
    assert role(chat, "tiina") is None


def test_after_five_wrong_codes_even_a_good_one_waits_an_hour():
    chat = Chat()
    heard = []
    for number in range(5):
        chat.now += timedelta(minutes=1)
        heard += texts(chat.says("tiina", f"jarjestaja AAAA-BBBB-CCC{number}"), "tiina")
    good = code(chat)
    (waits,) = chat.says("tiina", f"jarjestaja {good}")
    chat.now += timedelta(hours=1)
    chat.says("tiina", f"jarjestaja {good}")

    assert heard == [WRONG] * 5
    assert waits.text == WAIT
    assert role(chat, "tiina") == "organizer"


def test_a_wrong_code_counts_once_however_often_its_handling_is_tried():
    chat = Chat()
    chat.says("tiina", "moi")
    for _ in range(6):
        with suppress(OSError), chat.transaction() as store:
            wrong = Incoming(
                id="retried", where=chat.place("tiina"), sender=chat.place("tiina"), text="/jarjestaja AAAA"
            )
            take(chat.understanding, wrong, "take", chat.now, store)
            raise OSError
    chat.says("tiina", f"jarjestaja {code(chat)}")

    assert role(chat, "tiina") == "organizer"


def test_one_persons_mistakes_are_not_anothers():
    chat = Chat()
    for number in range(6):
        chat.now += timedelta(minutes=1)
        chat.says("olli", f"jarjestaja AAAA-BBBB-CCC{number}")
    chat.says("tiina", f"jarjestaja {code(chat)}")

    assert role(chat, "tiina") == "organizer"


def test_without_a_code_it_is_asked_for():
    chat = Chat()
    (asked,) = chat.says("tiina", "jarjestaja")
    (welcome,) = chat.says("tiina", code(chat))

    assert asked.text == "Kirjoita koodi, jonka sait."
    assert asked.buttons == (HOME,)
    assert welcome.buttons == DESK


def test_an_organizer_is_shown_what_there_is_to_do():
    chat = organized()
    (desk,) = chat.says("tiina", "jarjestaja")
    chat.presses("tiina", "Lähetä tiedote")

    assert (desk.text, desk.buttons) == ("Mitä haluat tehdä?", DESK)
    assert chat.presses("tiina", "Järjestäjän valikko") == [desk]


@pytest.mark.parametrize("typed", ["valikko", "Järjestäjän valikko", "järjestäjä", "meny", "menu"])
def test_the_menu_by_its_words_is_an_organizers_own(typed):
    chat = organized()
    (desk,) = chat.says("tiina", typed)

    assert (desk.text, desk.buttons) == ("Mitä haluat tehdä?", DESK)


def test_everybody_else_has_the_menu_of_all():
    chat = Chat()

    assert chat.says("anna", "valikko") == chat.says("anna", "aloita")
    assert chat.says("anna", "järjestäjän valikko") == chat.says("anna", "aloita")


def test_a_code_said_in_a_group_works_for_who_said_it_and_is_answered_in_private():
    chat = Chat()
    chat.says("tiina", "moi")
    heard = chat.says("tiina", f"/jarjestaja {code(chat)}", into="group1")

    assert {each.who for each in heard} == {"tiina"}
    assert role(chat, "tiina") == "organizer"


def test_the_desk_is_not_there_for_others():
    chat = organized()
    chat.says("anna", "moi")
    button = chat.store.vault.seal_button(chat.conversation("anna").id, "organizer")

    assert [each.text for each in chat.sends_button("anna", button)] == [
        "Tämä valinta on vanha.\nValitse: Alkuun."
    ]


def test_the_words_of_the_desk_work_for_organizers_whatever_is_shown():
    chat = organized()
    chat.says("anna", "moi")
    (polls,) = chat.says("tiina", "kyselyn tulokset")
    (desk,) = chat.says("tiina", "Arrangörens meny")
    (others,) = chat.says("anna", "Lähetä tiedote")

    assert polls.text.startswith("Suljettuja kyselyjä ei vielä ole.")
    assert desk.buttons == DESK
    assert others.text == "Tarkoititko jotain näistä?"


@pytest.mark.parametrize("said", ["uusi kysely", "tee kysely", "newpoll"])
def test_who_wants_a_new_poll_hears_how_polls_open_and_what_there_is_to_do(said):
    chat = organized()
    (heard,) = chat.says("tiina", said)

    assert heard.text.startswith("Täällä en voi tehdä uutta kyselyä.")
    assert heard.buttons == ("Sulje kysely", "Kyselyn tulokset", "Järjestäjän valikko", HOME)
