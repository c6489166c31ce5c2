from tests.handlers.houses import subscriptions
from tests.support import NOW, Chat


def test_one_is_asked_before_anything_is_deleted():
    chat = Chat()
    (asked,) = chat.says("anna", "poista tietoni")

    assert asked.text == "Oletko varma?\nPoistan kaikki tietosi.\nMuistutukset loppuvat."
    assert asked.buttons == ("Kyllä, poista", "Peruuta")


def test_who_thinks_better_of_it_keeps_everything():
    chat = Chat()
    chat.says("anna", "seuraava")
    chat.presses("anna", "Muistuta minua")
    chat.presses("anna", "Molemmat")
    chat.says("anna", "poista tietoni")
    (heard,) = chat.presses("anna", "Peruuta")

    assert heard.text == "Selvä. En poistanut mitään."
    assert subscriptions(chat, "anna") == {"ryhma": 3}


def test_after_yes_nothing_is_left_but_a_goodbye():
    chat = Chat()
    with chat.transaction() as store:
        asked = store.polls.open("toimintatoive", "test", now=NOW, closes=NOW.replace(day=23))
    chat.says("anna", "seuraava")
    chat.presses("anna", "Muistuta minua")
    chat.presses("anna", "Molemmat")
    chat.says("anna", "kysely")
    chat.presses("anna", "Leivotaan")
    chat.says("anna", "mikä on suomen pääkaupunki")
    me = chat.conversation("anna").id
    chat.says("anna", "poista tietoni")
    (heard,) = chat.presses("anna", "Kyllä, poista")
    with chat.transaction() as store:
        left = (store.people.count(), store.subscriptions.of(me), store.polls.ballots(asked.id))

    assert heard.text == "Tietosi on poistettu.\nHyvää jatkoa! Voit tulla takaisin milloin vain."
    assert heard.buttons == ()
    assert left == (0, {}, 0)
    assert chat.house.memory.peek(me, chat.now) is None


def test_the_goodbye_is_said_in_the_language_of_who_leaves():
    chat = Chat()
    chat.says("bertil", "radera mig", language="sv")
    (heard,) = chat.presses("bertil", "Ja, radera")

    assert heard.text.splitlines()[0] == "Dina uppgifter är raderade."


def test_who_comes_back_is_new():
    chat = Chat()
    chat.says("anna", "poista tietoni")
    chat.presses("anna", "Kyllä, poista")
    (heard,) = chat.says("anna", "muistuta")

    assert heard.text.splitlines()[0] == "Sinulla ei ole vielä muistutuksia."
