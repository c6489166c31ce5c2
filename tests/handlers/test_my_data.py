import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.messages import say
from tests.handlers.attending import (
    AREAS,
    DAY,
    GROUP,
    SOON,
    TRIP,
    WATERING,
    chat_with_series,
    dates,
    presses_of,
)
from tests.handlers.houses import BACK, HOME
from tests.support import NOW, Chat, sample_house


def test_who_is_new_hears_how_little_is_kept():
    (heard,) = Chat().says("anna", "tietoni")

    assert heard.text == (
        "Tiedän tunnuksesi, kielesi ja valintasi.\n"
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
        "places": [],
        "turns": [],
        "first_times": [],
        "areas": [],
        "calendar_address": None,
        "open_question": None,
        "buttons_shown_last": 0,
        "messages_waiting": 0,
        "messages_of_14_days": 0,
        "news": [],
        "organizer_log": [],
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
    assert kept["paused_until"] == "2026-12-05T12:00:00+02:00"
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


def test_what_waits_was_sent_was_asked_and_was_organized_is_told_too():
    chat = Chat()
    with chat.transaction() as store:
        code = store.organizers.invite(now=NOW)
    chat.says("anna", f"jarjestaja {code}")
    chat.says("anna", "tiedota Kahvit on huomenna.")
    with chat.transaction() as store:
        me = store.people.find(chat.place("anna"))
        tomorrow = NOW + timedelta(days=1)
        store.outbox.push(me, "later", say("unreadable"), now=NOW, not_before=tomorrow)
        store.organizers.log(me.id + 1, "announce", now=NOW)  # what others do is none of mine
        store.news.draft(me.id + 1, "Jotain muuta.", now=NOW)
    chat.says("anna", "tiedota")  # asks for another text
    (heard,) = chat.says("anna", "/tietoni")
    kept = json.loads(heard.file)

    assert {name: kept[name] for name in list(kept)[-6:]} == {
        "open_question": "news.text",
        "buttons_shown_last": 3,
        "messages_waiting": 1,
        "messages_of_14_days": 4,
        "news": [{"text": "Kahvit on huomenna.", "series": None, "audience": 0}],
        "organizer_log": [{"at": "2026-11-21T12:00:00+02:00", "act": "organizer", "audience": None}],
    }


def test_the_days_and_the_numbers_are_told_in_plain_words():
    chat = Chat()
    chat.says("anna", "tietoni")
    chat.now += timedelta(days=7)
    (heard,) = chat.presses("anna", "Lue lisää")
    chat.make_organizer("anna")
    chat.says("anna", "jarjestaja")
    chat.says("anna", "tiedota Kahvit on huomenna.")
    chat.says("anna", "tiedota")
    data = chat.store.vault.seal_button(chat.conversation("anna").id, "mydata.counts", ())
    (organizer,) = chat.sends_button("anna", data)

    assert heard.text == (
        "Tulit: la 21.11.\nViimeksi puhuimme: la 28.11.\n"
        "Sinulle on lähdössä viestejä: 0\nViestejä 14 päivän ajalta: 1"
    )
    assert heard.buttons == ("Lue lisää", BACK, HOME)
    assert organizer.text.splitlines()[-2:] == [
        "Yksi kysymys odottaa vastaustasi.",
        "Olet järjestäjä. Tiedotteita: 1",
    ]


@pytest.mark.parametrize(
    ("zone", "came", "talked", "kept"),
    [
        ("Europe/Helsinki", "la 21.11.", "su 22.11.", ("2026-11-21", "2026-11-22")),
        ("America/Los_Angeles", "la 21.11.", "la 21.11.", ("2026-11-21", "2026-11-21")),
        ("Pacific/Kiritimati", "su 22.11.", "su 22.11.", ("2026-11-22", "2026-11-22")),
    ],
)
def test_the_days_are_those_of_the_house(zone, came, talked, kept):
    furnished = sample_house()
    house = replace(furnished.house, zone=ZoneInfo(zone))
    understanding = replace(furnished.understanding, house=house)
    chat = Chat(
        replace(furnished, understanding=understanding), now=datetime(2026, 11, 21, 21, 59, tzinfo=UTC)
    )
    chat.says("anna", "/start")
    chat.now += timedelta(minutes=1)
    (heard,) = chat.says("anna", "tietoni")
    (told,) = chat.presses("anna", "Lue lisää")
    file = json.loads(heard.file)

    assert told.text.splitlines()[:2] == [f"Tulit: {came}", f"Viimeksi puhuimme: {talked}"]
    assert (file["since"], file["last_seen"]) == kept


def test_more_is_said_of_the_platform_and_of_polls():
    chat = Chat()
    chat.says("anna", "tietoni")
    chat.presses("anna", "Lue lisää")
    (heard,) = chat.presses("anna", "Lue lisää")

    assert heard.text == (
        "Tallennan tunnuksesi, kielesi ja valintasi.\n"
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


def test_where_one_takes_part_is_told_a_line_each_and_kept_in_the_file_by_date():
    chat = chat_with_series(TRIP, WATERING, GROUP, areas=AREAS)
    (trip,) = dates(chat, TRIP, SOON)
    presses_of(chat, "anna", "sign.up", trip)
    _, some = chat.says("anna", "tietoni")
    presses_of(chat, "anna", "area", "mikkeli", "0")
    (turn,) = dates(chat, WATERING, SOON)
    presses_of(chat, "anna", "turns.take", turn)
    (group,) = dates(chat, GROUP, SOON)
    presses_of(chat, "anna", "first.come", group)
    presses_of(chat, "anna", "feed.make")
    first, heard = chat.says("anna", "tietoni")
    chat.presses("anna", "Lue lisää")
    (more,) = chat.presses("anna", "Lue lisää")
    kept = json.loads(heard.file)
    noon = "2026-11-24T12:00:00+02:00"

    assert some.text == "Paikka: ti 24.11. klo 12–13\nKaikki tiedot ovat tiedostossa."
    assert (first.text.splitlines()[-1], first.buttons) == ("Muistutukset: ei ole", ())
    assert heard.text == (
        "Paikka: ti 24.11. klo 12–13\nOma vuoro: ti 24.11. klo 12–13\nEnsimmäinen kerta: ti 24.11. klo 12–13\n"
        "Oma kalenteriosoite: on\nAlueet: Mikkeli\nKaikki tiedot ovat tiedostossa."
    )
    assert heard.buttons == ("Lue lisää", "Poista tietoni", HOME)
    assert more.text.splitlines()[-1] == "Paikat, vuorot ja kerrat poistuvat tapahtuman jälkeen."
    assert kept["places"] == [{"series": "retki", "start": noon, "state": "coming"}]
    assert kept["turns"] == [{"series": "kastelu", "start": noon}]
    assert kept["first_times"] == [{"series": "kahvit", "start": noon}]
    assert (kept["areas"], kept["calendar_address"]) == (["mikkeli"], {"named": False})


def test_a_wait_is_called_one_and_several_places_are_counted():
    chat = chat_with_series(TRIP)
    here, there = dates(chat, TRIP, SOON, SOON + DAY)
    for name in ("bertil", "cecilia", "anna"):
        presses_of(chat, name, "sign.up", here)
    waits = chat.says("anna", "tietoni")[1]
    presses_of(chat, "anna", "sign.up", there)
    both = chat.says("anna", "tietoni")[1]

    assert waits.text.splitlines()[0] == "Jonossa: ti 24.11. klo 12–13"
    assert both.text.splitlines()[0] == "Paikkoja tai jonoja: 2"


def test_all_of_that_goes_with_the_person():
    chat = chat_with_series(TRIP, areas=AREAS)
    (trip,) = dates(chat, TRIP, SOON)
    presses_of(chat, "anna", "sign.up", trip)
    presses_of(chat, "anna", "area", "mikkeli", "0")
    presses_of(chat, "anna", "feed.make")
    presses_of(chat, "anna", "forget")
    (heard,) = chat.says("anna", "tietoni")
    kept = json.loads(heard.file)

    assert (kept["places"], kept["areas"], kept["calendar_address"]) == ([], [], None)
