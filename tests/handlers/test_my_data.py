import json

from tests.handlers.houses import BACK, HOME
from tests.support import NOW, Chat


def test_who_is_new_hears_how_little_is_kept():
    (heard,) = Chat().says("anna", "tietoni")

    assert heard.text == (
        "Tiedän tunnuksesi, kielesi ja muistutuksesi.\n"
        "Kieli: Suomi\n"
        "Muistutukset: ei ole\n"
        "Kaikki tiedot ovat tiedostossa."
    )
    assert heard.buttons == ("Lue lisää", "Poista tietoni", HOME)


def test_the_file_holds_everything_that_is_kept():
    chat = Chat()
    (heard,) = chat.says("anna", "tietoni")

    assert json.loads(heard.file) == {
        "platform": "telegram",
        "address": "anna",
        "language": "fi",
        "named": False,
        "role": None,
        "paused_until": None,
        "since": "2026-11-21",
        "last_seen": "2026-11-21",
        "reminders": [],
        "open_polls_answered": [],
        "messages_waiting": 0,
    }


def test_reminders_a_pause_a_role_and_answered_polls_are_told_but_no_answer():
    chat = Chat()
    chat.make_organizer("anna")
    with chat.transaction() as store:
        me = store.people.find(chat.place("anna")).id
        store.subscriptions.add(me, "ryhma", 1)
        store.subscriptions.add(me, "palsta", 2)
        store.people.pause(me, NOW.replace(month=12, day=5))
        for poll in ("ryhmakerta_hymio", "toimintatoive"):
            asked = store.polls.open(poll, poll, now=NOW, closes=NOW.replace(day=23))
        store.polls.vote(asked.id, me, "leivonta")
    (heard,) = chat.says("anna", "tietoni")
    kept = json.loads(heard.file)

    assert heard.text.splitlines()[2:5] == [
        "Muistutukset: Työntekijä palstalla, Yksinäisyysryhmä",
        "Tauko loppuu: la 5.12.",
        "Olet järjestäjä.",
    ]
    assert kept["reminders"] == [
        {"series": "palsta", "day_before": False, "hours_before": True},
        {"series": "ryhma", "day_before": True, "hours_before": False},
    ]
    assert kept["open_polls_answered"] == ["toimintatoive"]
    assert "leivonta" not in heard.file


def test_a_pause_that_is_over_is_not_told():
    chat = Chat()
    chat.says("anna", "/start")
    with chat.transaction() as store:
        store.people.pause(store.people.find(chat.place("anna")).id, NOW)
    (heard,) = chat.says("anna", "tietoni")

    assert "Tauko" not in heard.text


def test_more_is_said_of_the_platform_and_of_polls():
    chat = Chat()
    chat.says("anna", "tietoni")
    (heard,) = chat.presses("anna", "Lue lisää")

    assert heard.text == (
        "Tallennan vain tunnuksesi, kielesi ja muistutuksesi.\n"
        "Älä kirjoita tänne salaisia asioita.\n"
        "Palvelu, jossa botti toimii, voi nähdä viestit.\n"
        "Kyselyn vastauksessa ei ole nimeäsi.\n"
        "Kun kysely on ohi, vastausta ei voi yhdistää sinuun."
    )
    assert heard.buttons == ("Poista tietoni", BACK, HOME)


def test_in_a_group_the_answer_comes_in_private():
    chat = Chat()
    chat.says("anna", "/start")

    assert [each.who for each in chat.says("anna", "/tietoni", into="group")] == ["anna"]
