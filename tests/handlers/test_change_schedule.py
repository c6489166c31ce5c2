"""The menu of changes, and what was changed last."""

from datetime import timedelta

import pytest

from bot.messages import say
from tests.handlers.houses import HOME
from tests.handlers.test_cancel_date import DO, cancel, subscribe, told
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def test_an_organizers_menu_leads_to_all_changes(chat):
    (desk,) = chat.says("olga", "jarjestaja")
    (menu,) = chat.presses("olga", "Muuta ohjelmaa")

    assert "Muuta ohjelmaa" in desk.buttons
    assert menu.buttons == (
        "Peru kerta",
        "Siirrä kerta",
        "Lisää tapahtuma",
        "Pidä tauko",
        "Viime muutokset",
        "Järjestäjän valikko",
    )


def test_what_was_changed_last_is_listed_and_can_be_taken_back(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.says("olga", "jarjestaja")
    chat.presses("olga", "Muuta ohjelmaa")
    (recent,) = chat.presses("olga", "Viime muutokset")
    (undone,) = chat.presses("olga", "Ota takaisin 1.")
    (following,) = chat.says("bertta", "seuraava")

    assert "to 26.11." in recent.text
    assert undone.text.startswith("Muutos on otettu takaisin.")
    assert "to 26.11. klo 13–15" in following.text


def test_while_nothing_was_changed_the_list_says_so(chat):
    chat.says("olga", "jarjestaja")
    chat.presses("olga", "Muuta ohjelmaa")
    (recent,) = chat.presses("olga", "Viime muutokset")

    assert recent.text == "Ohjelmaan ei ole tehty muutoksia täällä."
    assert recent.buttons[-1] == HOME


def move_place(chat, day="to 26.11.", place="Kirjasto"):
    chat.says("olga", f"siirrä {day}")
    chat.presses("olga", "Uusi paikka")
    chat.says("olga", place)
    return chat.presses("olga", DO)


def test_another_place_is_called_so(chat):
    (done,) = move_place(chat)
    (recent,) = chat.says("olga", "kumoa")

    assert done.buttons[0] == "Ota takaisin: paikka"
    assert recent.text == "Viime muutokset:\n1. Paikka vaihdettu: Yksinäisyysryhmä to 26.11. klo 13"


def test_a_break_of_everything_is_called_so(chat):
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    chat.presses("olga", "Kaikki")
    chat.says("olga", "1.12.-31.12.")
    chat.presses("olga", DO)
    (recent,) = chat.says("olga", "kumoa")

    assert recent.text.startswith("Viime muutokset:\n1. Tauko: Kaikki ")


def test_of_many_changes_earlier_ones_can_be_taken_back_too(chat):
    for day in ("to 26.11.", "to 3.12.", "to 10.12.", "to 17.12.", "ke 9.12."):
        move_place(chat, day)
        chat.now += timedelta(minutes=2)
    (newest,) = chat.says("olga", "kumoa")
    (oldest,) = chat.presses("olga", "Lisää")
    (undone,) = chat.presses("olga", "Ota takaisin 1.")

    assert newest.buttons == (*(f"Ota takaisin {n}." for n in (1, 2, 3, 4)), "Lisää", "Takaisin")
    assert oldest.text == "Viime muutokset:\n1. Paikka vaihdettu: Yksinäisyysryhmä to 26.11. klo 13"
    assert oldest.buttons == ("Ota takaisin 1.", "Takaisin", HOME)
    assert undone.text.startswith("Muutos on otettu takaisin.")


def test_before_people_are_told_that_it_is_taken_back_organizers_see_what_it_is(chat):
    cancel(chat)
    chat.presses("olga", DO)
    told(chat)
    chat.says("olga", "kumoa")
    (asked,) = chat.presses("olga", "Ota takaisin 1.")
    untold = told(chat)
    (kept,) = chat.says("olga", "ei")
    chat.says("olga", "kumoa")
    chat.presses("olga", "Ota takaisin 1.")
    (undone,) = chat.says("olga", "kyllä")

    assert asked.text == (
        "Peruttu: Yksinäisyysryhmä to 26.11. klo 13\nOtetaanko tämä takaisin?\n"
        "Siitä kerrotaan: ihmisiä 1, ryhmiä 0."
    )
    assert untold == []
    assert kept.text == "Mitään ei muutettu."
    assert undone.text.startswith("Muutos on otettu takaisin.")
    assert len(told(chat)) == 1


def test_that_some_read_it_without_its_name_and_place_is_said(chat):
    *_, all_named = cancel(chat)
    with chat.transaction() as store:
        store.people.set_named(store.people.find(chat.place("anna")).id, named=False)
    *_, some_not = cancel(chat)

    assert "Osa saa viestin" not in all_named.text
    assert "Osa saa viestin ilman nimeä ja paikkaa." in some_not.text.splitlines()


def test_what_nobody_is_told_of_is_named_all_the_same(chat):
    chat.says("olga", "siirrä 26.11.")
    (question,) = chat.says("olga", "klo 13.02")
    chat.says("olga", "tauko")
    chat.presses("olga", "Ryhmän tauko")
    chat.presses("olga", "Yksinäisyysryhmä")
    (empty,) = chat.says("olga", "28.11.-29.11.")

    assert question.text == (
        "to 26.11. klo 13–15: Yksinäisyysryhmä\nUusi aika: to 26.11. klo 13.02–15.02\n"
        "Tästä ei lähde viestiä kenellekään.\nTehdäänkö näin?"
    )
    assert empty.text == (
        "Tauko: Yksinäisyysryhmä la 28.11.–su 29.11.\nTästä ei lähde viestiä kenellekään.\nTehdäänkö näin?"
    )


def test_what_was_added_a_moment_ago_and_is_cancelled_is_named(chat):
    chat.says("olga", "lisaa")
    chat.presses("olga", "Yksinäisyysryhmä")
    chat.says("olga", "ti 24.11. klo 13")
    chat.says("olga", "Kirjasto")
    chat.presses("olga", DO)
    (question,) = chat.says("olga", "peruuta ti 24.11.")

    assert question.text == (
        "ti 24.11. klo 13–15: PERUTTU, Yksinäisyysryhmä\nKirjasto\n"
        "Tästä ei lähde viestiä kenellekään.\nTehdäänkö näin?"
    )


@pytest.mark.parametrize(
    "action", ["change", "change.do", "change.drop", "change.recent", "cancel", "move", "lisaa", "break"]
)
def test_only_organizers_may(chat, action):
    chat.says("anna", "moi")
    data = chat.store.vault.seal_button(chat.conversation("anna").id, action, ("1",))
    (heard,) = chat.sends_button("anna", data)

    assert heard.text.startswith("Tämä valinta on vanha.")


@pytest.mark.parametrize("yes", ["kyllä", "Joo!", "ok", "okei", "JUU", "jep", "kyllä kiitos"])
def test_a_typed_yes_does_what_is_shown(chat, yes):
    cancel(chat)
    done, *_ = chat.says("olga", yes)

    assert done.text.startswith("Muutos on tehty.")


@pytest.mark.parametrize("no", ["ei", "En.", "peru", "älä", "ei kiitos"])
def test_a_typed_no_changes_nothing(chat, no):
    cancel(chat)
    (dropped,) = chat.says("olga", no)

    assert dropped.text == "Mitään ei muutettu."
    assert told(chat) == []


def test_a_typed_no_leads_back_from_what_is_asked(chat):
    chat.says("olga", "siirrä 26.11.")
    chat.presses("olga", "Uusi paikka")
    (back,) = chat.says("olga", "ei")

    assert back.text.endswith("Miten se muuttuu?")


def test_a_late_yes_does_nothing_but_show_it_again(chat):
    cancel(chat)
    chat.now += timedelta(minutes=61)
    *_, again = chat.says("olga", "kyllä")
    done, *_ = chat.says("olga", "kyllä")

    assert again.text.endswith("Tehdäänkö näin?")
    assert done.text.startswith("Muutos on tehty.")


def test_a_yes_after_something_was_pushed_may_be_meant_for_that(chat):
    cancel(chat)
    with chat.transaction() as store:
        store.outbox.push(
            store.people.find(chat.place("olga")), "reminder", say("stop.nothing"), now=chat.now
        )
    chat.deliver()
    *_, again = chat.says("olga", "kyllä")

    assert again.text.endswith("Tehdäänkö näin?")


def test_an_earlier_preview_is_not_done_by_a_yes_to_something_else(chat):
    cancel(chat)
    chat.says("olga", "seuraava")
    (heard,) = chat.says("olga", "kyllä")

    assert heard.text == "En tiedä, mihin vastasit.\nValitse vaihtoehto kysymyksen alta."
    assert told(chat) == []


def test_what_is_there_already_at_the_new_time_is_said_before_it_is_done(chat):
    chat.says("olga", "siirrä 26.11.")
    *_, week_later = chat.presses("olga", "Viikkoa myöhemmin")
    chat.says("olga", "siirrä 26.11.")
    *_, same_day = chat.says("olga", "3.12. klo 18")
    chat.says("olga", "siirrä 26.11.")
    *_, another = chat.says("olga", "9.12. klo 13")
    chat.says("olga", "siirrä 26.11.")
    *_, free = chat.says("olga", "9.12. klo 18")
    chat.says("olga", "siirrä 26.11.")
    *_, only_longer = chat.says("olga", "klo 13-16")

    assert week_later.text.startswith(
        "Silloin on jo: Yksinäisyysryhmä to 3.12. klo 13–15\nYllä on viesti siitä.\n"
    )
    assert same_day.text.startswith("Silloin on jo: Yksinäisyysryhmä to 3.12. klo 13–15\n")
    assert another.text.startswith("Silloin on jo: Piparien leipominen Ensiaskeleessa ke 9.12. klo 12–14")
    assert "Silloin on jo" not in free.text
    assert "Silloin on jo" not in only_longer.text


def test_so_it_is_of_a_date_more(chat):
    chat.says("olga", "lisaa")
    chat.presses("olga", "Yksinäisyysryhmä")
    chat.says("olga", "3.12. klo 14")
    *_, question = chat.says("olga", "joo")  # the same place

    assert question.text.startswith("Silloin on jo: Yksinäisyysryhmä to 3.12. klo 13–15\n")


def test_of_a_whole_series_it_is_said_from_when_on_and_not_how_often(chat):
    as_read, question = cancel(chat, "to 3.12.", "Tämä ja kaikki seuraavat")

    assert "Ja muita kertoja sen jälkeen." in as_read.text
    assert question.text.startswith("Kaikki kerrat perutaan to 3.12. alkaen.\n")
    assert question.text.count("\n") <= 5


@pytest.mark.parametrize("typed", ["kumoa", "viime muutokset", "ota takaisin"])
def test_what_was_changed_last_has_words(chat, typed):
    cancel(chat)
    chat.presses("olga", DO)
    chat.says("olga", "valikko")
    (recent,) = chat.says("olga", typed)

    assert recent.text.startswith("Viime muutokset:\n1. Peruttu")


@pytest.mark.parametrize("typed", ["muuta", "muuta ohjelmaa", "Muuta aikataulua", "muutos"])
def test_the_menu_of_changes_has_words_for_organizers_alone(chat, typed):
    (olga,) = chat.says("olga", typed)
    (anna,) = chat.says("anna", typed)

    assert olga.text == "Mitä haluat muuttaa?"
    assert "Peru kerta" not in anna.buttons
