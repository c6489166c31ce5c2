from dataclasses import replace

import pytest

from bot.actions.follow import follow, followed, offered, series_named, unfollow
from bot.messages import Localized, Phrase
from bot.store.subscriptions import EVERYTHING
from tests.handlers.houses import subscriptions
from tests.handlers.organizing import hears, organized


@pytest.fixture
def chat():
    chat = organized()
    hears(chat, "group1", "channel1", of="tilapäinen")
    with chat.transaction() as store:
        for each in ("group1", "channel1"):
            store.subscriptions.remove(store.people.find(chat.place(each)).id)
    return chat


def follows(chat, series, where="group1"):
    with chat.transaction() as store:
        here, tiina = (store.people.find(chat.place(each)) for each in (where, "tiina"))
        return follow(store, chat.house, here, series, tiina, now=chat.now)


def said(chat, where="group1"):
    with chat.transaction() as store:
        return followed(store, chat.house, store.people.find(chat.place(where)))


@pytest.mark.parametrize(
    ("series", "in_group", "in_channel"),
    [
        ("ryhma", True, True),
        (EVERYTHING, True, True),
        ("asiakasraati", True, False),
        ("mennyt", False, False),
    ],
)
def test_what_may_be_followed_depends_on_who_reads_along(chat, series, in_group, in_channel):
    assert follows(chat, series) is in_group
    assert follows(chat, series, "channel1") is in_channel
    assert subscriptions(chat, "group1").keys() == ({series} if in_group else set())
    assert subscriptions(chat, "channel1").keys() == ({series} if in_channel else set())


def test_a_channel_is_offered_public_series_only(chat):
    shown = {each.visibility for each in offered(chat.house, chat.conversation("channel1"))}
    whole = {each.visibility for each in offered(chat.house, chat.conversation("group1"))}

    assert shown == {"public"}
    assert whole == {"public", "members", "staff"}


def test_what_is_followed_is_told_by_name(chat):
    nothing = said(chat)
    follows(chat, "ryhma")
    hears(chat, "group1", of="mennyt")
    names = said(chat)
    follows(chat, EVERYTHING)

    assert nothing == Phrase("group.nothing")
    assert names == Localized(
        {
            "fi": "mennyt, Yksinäisyysryhmä",
            "sv": "mennyt, Ensamhetsgruppen",
            "en": "mennyt, Loneliness group",
        }
    )
    assert said(chat) == Phrase("group.everything")


def test_nothing_is_followed_any_more(chat):
    follows(chat, "ryhma")
    with chat.transaction() as store:
        here, tiina = (store.people.find(chat.place(each)) for each in ("group1", "tiina"))
        unfollow(store, here, tiina, now=chat.now)

    assert subscriptions(chat, "group1") == {}


@pytest.mark.parametrize(
    ("typed", "series"),
    [
        ("ryhma", "ryhma"),
        ("RYHMÄ", "ryhma"),
        ("Ensamhetsgruppen", "ryhma"),
        ("loneliness grup", "ryhma"),
        ("asiakasrati", "asiakasraati"),
        ("halaa sossua", "halaa_sossua"),
        ("kir", None),  # three letters have too many neighbours
        ("", None),
        ("jotain muuta", None),
        ("ALLA", EVERYTHING),
    ],
)
def test_a_series_is_found_by_what_people_type(chat, typed, series):
    assert series_named(typed, chat.house) == series


def test_a_slip_between_two_series_names_neither(chat):
    one, other = chat.house.series["ryhma"], chat.house.series["palsta"]
    series = {
        "kerho": replace(one, id="kerho", name={"fi": "Kerhot"}),
        "kertho": replace(other, id="kertho", name={}),
    }

    assert series_named("kersho", replace(chat.house, series=series)) is None
