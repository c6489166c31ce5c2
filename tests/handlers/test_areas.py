from dataclasses import replace

import pytest

from bot.core.reminders import alarms_of
from tests.handlers.attending import AREAS, DAY, GROUP, HOUR, SOON, TRIP, chat_with_series, presses_of
from tests.handlers.houses import HOME, event, plan
from tests.support import Chat

MANY = AREAS | {name: {"fi": name.capitalize()} for name in ("oulu", "turku", "vaasa", "tampere")}


def chat_with_areas(areas=AREAS):
    """One event in each area, and one in none."""
    chat = chat_with_series(TRIP, GROUP, areas=areas)
    plan(
        chat,
        event("Kajaanissa", SOON, area="kajaani"),
        event("Mikkelissä", SOON + DAY, area="mikkeli"),
        event("Kaikille", SOON + 2 * DAY),
    )
    return chat


def rows(heard):
    return [line.rpartition(": ")[2] for line in heard.text.splitlines()[1:]]


def test_areas_are_chosen_and_left_by_the_same_button():
    chat = chat_with_areas()
    (asked,) = chat.says("anna", "alue")
    (one,) = chat.presses("anna", "Mikkeli")
    (two,) = chat.presses("anna", "Kajaani")
    (left,) = chat.presses("anna", "Mikkeli")

    assert asked.text == (
        "Minkä alueen tapahtumista kerron?\nNyt kerron kaikista alueista.\nVoit valita monta.\n"
        "Valitse uudelleen, jos et halua aluetta."
    )
    assert asked.buttons == one.buttons == ("Kaikki alueet", "Kajaani", "Mikkeli", HOME)
    assert [each.text.splitlines()[1] for each in (one, two, left)] == [
        "Nyt kerron näistä: Mikkeli",
        "Nyt kerron näistä: Kajaani, Mikkeli",
        "Nyt kerron näistä: Kajaani",
    ]


def test_all_areas_again_in_one_tap():
    chat = chat_with_areas()
    chat.says("anna", "alue")
    chat.presses("anna", "Mikkeli")
    (heard,) = chat.presses("anna", "Kaikki alueet")

    assert heard.text.splitlines()[1] == "Nyt kerron kaikista alueista."


def test_lists_show_what_is_in_ones_areas_and_what_is_in_none():
    chat = chat_with_areas()
    (all_,) = chat.says("anna", "tapahtumat")
    chat.presses("anna", "Valitse alue")
    chat.presses("anna", "Mikkeli")
    (own,) = chat.says("anna", "tapahtumat")
    (first,) = chat.says("anna", "seuraava")

    assert rows(all_) == ["Kajaanissa", "Mikkelissä", "Kaikille"]
    assert all_.buttons == ("Valitse tapahtuma", "Valitse alue", HOME)
    assert own.text.splitlines()[0] == "Tulevat tapahtumat alueellasi:"
    assert rows(own) == ["Mikkelissä", "Kaikille"]
    assert first.text.splitlines()[0] == "Mikkelissä"
    assert rows(chat.says("bertil", "tapahtumat")[0]) == rows(all_)


def test_where_nothing_is_planned_in_ones_area_one_can_choose_others():
    chat = chat_with_series(TRIP, areas=AREAS)
    plan(chat, event("Kajaanissa", SOON, area="kajaani"))
    chat.says("anna", "alue")
    chat.presses("anna", "Mikkeli")
    (listed,) = chat.says("anna", "tapahtumat")
    (following,) = chat.says("anna", "seuraava")

    assert listed.text == "Alueellasi ei ole nyt tapahtumia.\nVoit valita muitakin alueita."
    assert listed.buttons == ("Valitse alue", "Puhu ihmisen kanssa", HOME)
    assert following == listed


def test_in_groups_nothing_personal_counts():
    chat = chat_with_areas()
    chat.says("anna", "alue")
    chat.presses("anna", "Mikkeli")
    (heard,) = chat.says("anna", "!tapahtumat", into="group")

    assert rows(heard) == ["Kajaanissa", "Mikkelissä", "Kaikille"]


def test_a_group_that_follows_hears_of_every_area_and_cannot_choose():
    chat = chat_with_areas()
    with chat.transaction() as store:
        for who in ("group", "anna"):
            here = store.people.meet(chat.place(who), language="fi", now=chat.now)
            store.subscriptions.add(here.id, GROUP.id)
    presses_of(chat, "anna", "area", "mikkeli", "0")
    chosen_there = chat.says("anna", "!alue", into="group")
    starts = SOON + HOUR
    house = chat.house
    with chat.transaction() as store:
        store.refreshing.refresh(
            "test",
            [event("Kahvit", starts, series=GROUP.id, area="kajaani")],
            lambda it: alarms_of(
                it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone
            ),
            now=chat.now,
        )
    reminded = {each.who for each in chat.ticks(to=starts - HOUR)}

    assert [each.who for each in chosen_there if "Minkä alueen" in each.text and each.who == "group"] == []
    assert reminded == {"group"}


def test_many_areas_come_page_by_page_and_one_stays_on_ones_page():
    chat = chat_with_areas(MANY)
    (first,) = chat.says("anna", "alue")
    (second,) = chat.presses("anna", "Lisää")
    (chosen,) = chat.presses("anna", "Vaasa")
    for name in ("Turku", "Tampere", "Oulu"):
        chat.presses("anna", name)
    (many,) = chat.presses("anna", "Kajaani")

    assert first.buttons == ("Kaikki alueet", "Kajaani", "Mikkeli", "Oulu", "Lisää", HOME)
    assert second.buttons == chosen.buttons == ("Turku", "Vaasa", "Tampere", HOME)
    assert many.text.splitlines()[1] == "Nyt kerron näistä: Kajaani, Oulu, Turku ja 2 muuta"


def test_an_area_that_there_is_no_more_counts_for_nothing():
    chat = chat_with_areas()
    chat.says("anna", "alue")
    chat.presses("anna", "Mikkeli")
    chat.house = replace(chat.house, areas={"kajaani": AREAS["kajaani"]})
    chat.understanding = replace(chat.understanding, house=chat.house)
    (heard,) = chat.says("anna", "alue")
    (pressed,) = chat.presses("anna", "Mikkeli")

    assert heard.text.splitlines()[1] == pressed.text.splitlines()[1] == "Nyt kerron kaikista alueista."
    assert rows(chat.says("anna", "tapahtumat")[0]) == ["Kajaanissa", "Mikkelissä", "Kaikille"]
    assert chat.presses("anna", "Mikkeli")[0].text == pressed.text


def test_without_areas_there_is_nothing_to_choose():
    chat = chat_with_areas({})
    (heard,) = chat.says("anna", "alue")
    (listed,) = chat.says("anna", "tapahtumat")

    assert (heard.text, heard.buttons) == ("Alueita ei ole.\nKerron kaikista tapahtumista.", (HOME,))
    assert listed.buttons == ("Valitse tapahtuma", HOME)


@pytest.mark.parametrize("word", ["alue", "alueet", "paikkakunta", "område", "areas"])
def test_it_is_asked_for_in_many_words(word):
    assert chat_with_areas().says("anna", word)[0].text.startswith("Minkä alueen")


@pytest.mark.parametrize(
    ("chat", "offered"),
    [
        (chat_with_areas(), {"Valitse alue", "Ilmoittaudu", "Ensimmäistä kertaa?"}),
        (Chat(), set()),
    ],
    ids=["with", "without"],
)
def test_the_menu_offers_only_what_the_schedule_has_something_for(chat, offered):
    (page,) = chat.says("anna", "/start")
    found = {*page.buttons}
    while "Lisää" in page.buttons:
        (page,) = chat.presses("anna", "Lisää")
        found |= {*page.buttons}

    assert offered <= found
    assert "Yhteiset vuorot" not in found
