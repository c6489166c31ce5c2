from dataclasses import replace

import pytest

from bot.actions.close_poll import close_poll, open_polls, possible_people
from tests.handlers.organizing import hears, log, organized
from tests.handlers.test_poll import opens, quiet_chat


@pytest.fixture
def chat():
    return quiet_chat(organized())


def closed(chat, number, **more):
    with chat.transaction() as store:
        close_poll(store, chat.house, store.polls.get(number), now=chat.now, **more)
        return store.polls.get(number)


def for_members(chat):
    """Let the poll be for the panel, which has no public dates."""
    content = chat.house.content
    polls = tuple(replace(each, audience=("asiakasraati",)) for each in content.polls)
    chat.house = replace(chat.house, content=replace(content, polls=polls))


def possible(chat, asked):
    with chat.transaction() as store:
        return possible_people(store, asked)


def test_what_is_open_can_be_closed_unless_content_has_lost_it(chat):
    opens(chat, "mennyt")
    number = opens(chat, "toimintatoive")
    with chat.transaction() as store:
        found = open_polls(store, chat.house, now=chat.now)

    assert [(asked.id, poll.id) for asked, poll in found] == [(number, "toimintatoive")]


def test_a_round_is_closed_once_and_the_log_says_by_an_organizer_or_not_at_all(chat):
    by_hand, by_time = opens(chat, "toimintatoive"), opens(chat, "ryhmakerta_hymio")
    first = closed(chat, by_hand, by=chat.conversation("tiina"))
    closed(chat, by_time)

    assert closed(chat, by_hand, by=chat.conversation("tiina")) == first
    assert log(chat) == [("poll.close", None)]


def test_of_a_poll_for_all_the_town_nobody_knows_how_many_could_answer(chat):
    hears(chat, "anna")

    assert possible(chat, closed(chat, opens(chat, "toimintatoive"))) is None


def test_of_a_members_poll_it_is_settled_at_the_close_how_many_could_answer(chat):
    for_members(chat)
    hears(chat, "anna", "bertil", "group1", of="asiakasraati")
    asked = closed(chat, opens(chat, "toimintatoive"))
    hears(chat, "cecilia", of="asiakasraati")

    assert possible(chat, asked) == 2


def test_a_poll_that_content_has_lost_can_still_be_closed(chat):
    asked = closed(chat, opens(chat, "mennyt"))

    assert asked.closed == chat.now
    assert possible(chat, asked) is None
