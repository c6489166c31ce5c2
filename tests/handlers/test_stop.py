from datetime import timedelta

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

    assert heard.text == "Näitä muistutuksia ei enää tule."
    assert heard.buttons == ("Jatka", "Lopeta kaikki", HOME)
    assert subscriptions(chat, "anna") == {"palsta": 3}


def test_a_stop_is_undone_in_one_tap_as_it_was():
    chat = chat_with_subscriptions(ryhma=1, palsta=3)
    pushes(chat, "ryhma")
    (heard,) = chat.presses("anna", "Jatka")

    assert heard.text == "Selvä. Saat taas muistutuksia."
    assert subscriptions(chat, "anna") == {"palsta": 3, "ryhma": 1}


def test_after_one_all_can_be_stopped_and_begun_again():
    chat = chat_with_subscriptions(ryhma=1, palsta=3, kiri=2)
    pushes(chat, "kiri")
    (heard,) = chat.presses("anna", "Lopeta kaikki")
    stopped = subscriptions(chat, "anna")
    chat.presses("anna", "Jatka")

    assert heard.text == "Muistutukset on lopetettu.\nVoit aloittaa uudelleen. Kirjoita: muistuta."
    assert heard.buttons == ("Jatka", HOME)
    assert stopped == {}
    assert subscriptions(chat, "anna") == {"palsta": 3, "ryhma": 1}


def test_more_than_a_button_can_carry_is_chosen_anew():
    chat = chat_with_subscriptions(ryhma=3, palsta=3, teemaviikko_asuminen=3, yhteiskehittaminen=3)
    chat.says("anna", "lopeta")
    (heard,) = chat.presses("anna", "Lopeta kaikki")

    assert heard.buttons == ("Valitse muistutukset", HOME)


def test_stopping_twice_says_the_same_and_has_nothing_to_undo():
    chat = chat_with_subscriptions(ryhma=1)
    pushes(chat, "ryhma")
    (heard,) = pushes(chat, "ryhma")

    assert (heard.text, heard.buttons) == ("Näitä muistutuksia ei enää tule.", (HOME,))


def test_news_for_everybody_stops_everything_since_it_belongs_to_no_series():
    chat = chat_with_subscriptions(ryhma=1, palsta=3)
    (heard,) = pushes(chat)

    assert heard.text.startswith("Muistutukset on lopetettu.")
    assert subscriptions(chat, "anna") == {}


def test_the_word_stops_the_only_series_at_once():
    chat = chat_with_subscriptions(ryhma=2)
    (heard,) = chat.says("anna", "lopeta")

    assert (heard.text, heard.buttons) == ("Näitä muistutuksia ei enää tule.", ("Jatka", HOME))
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
