import pytest

from tests.handlers.houses import HOME
from tests.support import Chat


def test_the_language_is_changed_in_two_taps():
    chat = Chat()
    (asked,) = chat.says("anna", "kieli")
    (heard,) = chat.presses("anna", "English")

    assert asked.text == "Valitse kieli.\nVälj språk.\nChoose a language."
    assert asked.buttons == ("Suomi", "Svenska", "English", HOME)
    assert (heard.text, heard.buttons) == ("OK. I speak English now.", ("Change language", "Start"))
    assert chat.says("anna", "next")[0].text.startswith("Loneliness group\nThu 26 Nov, 13–15\n")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("kieli ruotsi", "Okej. Jag talar svenska nu."),
        ("/kieli sv", "Okej. Jag talar svenska nu."),
        ("språk finska", "Selvä. Puhun nyt suomea."),
        ("language English", "OK. I speak English now."),
    ],
)
def test_a_language_named_behind_the_word_is_taken_at_once(said, text):
    assert Chat().says("anna", said)[0].text == text


def test_a_language_we_do_not_speak_leads_to_those_we_do():
    (heard,) = Chat().says("anna", "kieli saksa")

    assert heard.buttons == ("Suomi", "Svenska", "English", HOME)
