from datetime import timedelta

import pytest

from bot.i18n import LANGUAGES, Reader
from handlers.start import of_everybody
from tests.handlers.houses import HOME, chat_with
from tests.support import Chat


def test_a_newcomer_hears_hello_what_is_kept_and_what_to_choose():
    (heard,) = Chat().says("anna", "/start")

    assert heard.text == (
        "Hei! Olen botti.\n"
        "Kerron ryhmien ja tapahtumien ajat.\n"
        "Voit käyttää nimimerkkiä. Nimeä ei tarvitse kertoa.\n"
        "Tallennan tunnuksesi, kielesi ja valintasi.\n"
        "Valitse alta:"
    )
    assert heard.buttons == (
        "Mitä on seuraavaksi?",
        "Tulevat tapahtumat",
        "Usein kysyttyä",
        "Vastaa kyselyyn",
        "Puhu ihmisen kanssa",
        "Lisää",
    )


def test_a_newcomer_whose_phone_speaks_swedish_or_english_is_greeted_in_it():
    chat = Chat()

    assert chat.says("bertil", "/start", language="sv")[0].text.startswith("Hej! Jag är en bot.")
    assert chat.says("carol", "/start", language="en")[0].text.startswith("Hello! I am a bot.")


def test_a_newcomer_whose_phone_speaks_something_else_is_greeted_in_the_language_of_the_house():
    (heard,) = Chat().says("dieter", "/start", language="de")

    assert heard.text.startswith("Hei! Olen botti.")


def test_the_way_home_leads_to_the_menu_without_the_hello():
    chat = Chat()
    hello = chat.says("anna", "/start")[0]
    chat.says("anna", "ihminen")
    (home,) = chat.presses("anna", HOME)

    assert (home.text, home.buttons) == ("Mitä haluat tehdä?", hello.buttons)


def test_everything_else_stands_behind_more_at_most_six_buttons_at_a_time():
    chat = Chat()
    chat.says("anna", "/start")
    pages = [chat.presses("anna", "Lisää")[0].buttons for _ in range(4)]

    assert pages == [
        ("Valitse muistutukset", "Ohje", "Svenska", "English", "Lisää", HOME),
        ("Ryhmä", "Viljelypalsta", "Asiakasraati", "Ilmoittaudu", "Lisää", HOME),
        (
            "Ensimmäistä kertaa?",
            "Puhelimen kalenteriin",
            "Lopeta muistutukset",
            "Vaihda kieli",
            "Lisää",
            HOME,
        ),
        ("Omat tietoni", "Poista tietoni", HOME),
    ]


def test_organizers_find_their_own_menu_behind_more():
    chat = Chat()
    chat.make_organizer("olga")
    chat.says("olga", "/start")
    (more,) = chat.presses("olga", "Lisää")
    (desk,) = chat.presses("olga", "Järjestäjän valikko")

    assert more.buttons == (
        "Järjestäjän valikko",
        "Valitse muistutukset",
        "Svenska",
        "English",
        "Lisää",
        HOME,
    )
    assert "Muuta ohjelmaa" in desk.buttons


def test_another_language_is_two_taps_away_under_its_own_name():
    chat = Chat()
    chat.says("anna", "/start")
    chat.presses("anna", "Lisää")
    (heard,) = chat.presses("anna", "Svenska")
    chat.presses("anna", "Till början")
    (more,) = chat.presses("anna", "Mer")

    assert heard.text == "Okej. Jag talar svenska nu."
    assert more.buttons[2:4] == ("Suomi", "English")


def test_a_menu_that_holds_everything_needs_no_more(tmp_path):
    chat = chat_with(tmp_path, "commands.yaml", ("  who: all\n", "  who: all\n  hidden: true\n"))
    (heard,) = chat.says("anna", "/start")

    assert heard.buttons == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_every_button_of_the_menus_work_when_they_are_typed_in_any_language(language):
    chat = Chat()
    chat.says("anna", "/start")
    reader = Reader(language, chat.house.zone, chat.now)
    typed, pressed = [], []
    for each in of_everybody(chat.house)[1:]:  # the way home is a command of its own
        chat.now += timedelta(minutes=1)
        chat.says("anna", "/kieli")  # another menu
        words = chat.understanding.wording.say(each.label, reader)
        data = chat.store.vault.seal_button(chat.conversation("anna").id, each.action)
        typed += [(heard.text, heard.buttons) for heard in chat.says("anna", words)]
        pressed += [(heard.text, heard.buttons) for heard in chat.sends_button("anna", data)]

    assert typed == pressed
