from tests.handlers.houses import HOME
from tests.support import Chat

FIRST = "Ensimmäistä kertaa?"


def show(chat, occurrence):
    """Press Näytä under a discreet reminder."""
    chat.says("anna", "/start")
    me = chat.conversation("anna").id
    return chat.sends_button("anna", chat.store.vault.seal_button(me, "show", (str(occurrence),)))


def next_of(chat, series):
    with chat.transaction() as store:
        return store.calendar.next_of(series, chat.now).id


def test_show_tells_what_the_reminder_was_about_and_offers_to_name_it():
    chat = Chat()
    (heard,) = show(chat, next_of(chat, "ryhma"))

    assert heard.text.splitlines()[:2] == ["Yksinäisyysryhmä", "to 26.11. klo 13–15"]
    assert heard.buttons == (FIRST, "Muistuta minua", "Lisää kalenteriin", "Saa näyttää nimen", HOME)


def test_members_are_shown_what_is_theirs():
    chat = Chat()
    (heard,) = show(chat, next_of(chat, "asiakasraati"))

    assert heard.text == "Asiakasraati\nti 26.1. klo 14–16\nTämä on vain jäsenille."
    assert heard.buttons == ("Lisää kalenteriin", "Saa näyttää nimen", HOME)


def test_the_name_may_be_shown_and_hidden_again():
    chat = Chat()
    show(chat, next_of(chat, "ryhma"))
    (allowed,) = chat.presses("anna", "Saa näyttää nimen")
    named = chat.conversation("anna").named
    (shown,) = show(chat, next_of(chat, "ryhma"))
    (forbidden,) = chat.presses("anna", "Piilota nimi")

    assert (allowed.text, allowed.buttons) == ("Muistutus kertoo nyt ryhmän nimen.", ("Piilota nimi", HOME))
    assert named
    assert shown.buttons == (FIRST, "Muistuta minua", "Lisää kalenteriin", HOME)
    assert (forbidden.text, forbidden.buttons) == (
        "Muistutus ei kerro ryhmän nimeä.",
        ("Saa näyttää nimen", HOME),
    )
    assert not chat.conversation("anna").named


def test_what_has_left_the_calendar_is_said_to_be_gone():
    (heard,) = show(Chat(), 1_000_000)

    assert heard.text == "Tätä ei ole enää kalenterissa.\nAika on voinut muuttua."
