from dataclasses import replace

import pytest

from bot.actions.open_poll import (
    audience_of,
    can_be_asked,
    card,
    invitation,
    is_public,
    key_of,
    open_poll,
    poll_of,
    show_in_group,
)
from bot.messages import Button, Phrase, Say, button, say
from bot.store.subscriptions import EVERYTHING
from tests.handlers.organizing import hears, organized
from tests.handlers.test_poll import quiet_chat


@pytest.fixture
def chat():
    return quiet_chat(organized())


def poll(chat, name="toimintatoive", **changes):
    return replace(next(each for each in chat.house.content.polls if each.id == name), **changes)


def opened(chat, which, occasion="testi"):
    with chat.transaction() as store:
        return open_poll(store, which, occasion, now=chat.now)


def test_only_what_keeps_its_promise_is_asked(chat):
    asked = [each.id for each in chat.house.content.polls if can_be_asked(each)]

    assert asked == ["ryhmakerta_hymio", "toimintatoive"]


def test_an_occasion_opens_a_poll_once_for_as_long_as_it_says(chat):
    which = poll(chat)
    first = opened(chat, which)

    assert (first.poll, first.opened, first.closes) == (
        "toimintatoive",
        chat.now,
        chat.now + which.closes_after,
    )
    assert opened(chat, which) is None
    assert poll_of(first, chat.house) == which
    assert poll_of(replace(first, poll="mennyt"), chat.house) is None


@pytest.mark.parametrize(
    ("audience", "asked", "public"),
    [
        (("ryhma",), ("ryhma", EVERYTHING), True),
        (("ryhma", "palsta"), ("ryhma", "palsta", EVERYTHING), True),
        (("asiakasraati",), ("asiakasraati",), False),
        (("ryhma", "asiakasraati"), ("ryhma", "asiakasraati"), False),
        (("mennyt",), ("mennyt",), False),
        (("kaikki",), None, True),
    ],
)
def test_who_is_asked_follows_from_the_audience(chat, audience, asked, public):
    which = poll(chat, audience=audience)

    assert audience_of(which, chat.house) == asked
    assert is_public(which, chat.house) is public


def test_an_invitation_names_no_group_and_can_be_declined_for_good(chat):
    asked = opened(chat, poll(chat))
    pause = button("button.pause", "pause")
    answer = button("poll.button.answer", "poll", str(asked.id))

    assert invitation(asked, poll(chat)) == say(
        "poll.invitation", answer, button("button.stop", "stop", "ryhma"), pause
    )
    assert invitation(asked, poll(chat, audience=("kaikki",))).buttons == (
        answer,
        button("button.stop", "stop"),
        pause,
    )


def test_a_card_leads_to_the_private_chat(chat):
    asked = opened(chat, poll(chat))

    assert card(asked, poll(chat)) == Say(
        Phrase("poll.card", {"kysymys": Phrase("poll.toimintatoive.q")}),
        (Button(Phrase("poll.button.answer"), deep_link=f"kysely-{asked.id}"),),
    )
    assert key_of(asked, 7) == f"poll:{asked.id}:7"


@pytest.mark.parametrize(
    ("series", "where", "shown"),
    [
        ("ryhma", "group1", True),
        (EVERYTHING, "group1", True),
        (EVERYTHING, "channel1", True),
        ("palsta", "group1", False),
    ],
)
def test_a_group_is_shown_what_fits_what_it_follows(chat, series, where, shown):
    opened(chat, poll(chat))
    hears(chat, where, of=series)
    with chat.transaction() as store:
        show_in_group(store, chat.house, store.people.find(chat.place(where)), series, now=chat.now)

    assert len(chat.ticks()) == int(shown)


def test_a_members_poll_is_shown_in_their_group_and_in_no_channel(chat):
    content = chat.house.content
    polls = (poll(chat, audience=("asiakasraati",)),)
    chat.house = replace(chat.house, content=replace(content, polls=polls))
    opened(chat, polls[0])
    hears(chat, "group1", "channel1", of="asiakasraati")
    with chat.transaction() as store:
        for each in ("group1", "channel1"):
            show_in_group(
                store, chat.house, store.people.find(chat.place(each)), "asiakasraati", now=chat.now
            )

    assert [each.who for each in chat.ticks()] == ["group1"]


def test_a_card_waits_for_the_morning(chat):
    opened(chat, poll(chat))
    hears(chat, "group1")
    chat.now = chat.now.replace(hour=19)
    with chat.transaction() as store:
        show_in_group(store, chat.house, store.people.find(chat.place("group1")), "ryhma", now=chat.now)

    assert chat.ticks() == []
